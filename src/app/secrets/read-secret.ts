/**
 * Reads one secret from where its reference says. No failure quotes what was found: it may be the
 * secret in the wrong shape.
 */
import { errorText } from '../../core/errors.ts'
import { parameterOf, placeOf, type SecretReference, secretOf } from '../config/secret-reference.ts'

/** Where secrets come from; given by the command line, which alone reads the environment. */
export interface SecretSource {
  /** Undefined where there is no such variable. */
  environment(name: string): string | undefined
  /** Rejects where it cannot be read. */
  file(path: string): Promise<string>
  readonly aws: AwsSecrets
}

/** Each rejects where AWS does not give it. The region is that of the environment by default. */
export interface AwsSecrets {
  secret(id: string, region: string | undefined): Promise<string>
  parameter(name: string, region: string | undefined): Promise<string>
}

export type FoundSecret =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly what: string; readonly remedy: string }

/** Never rejects. What is found is not empty. */
export async function readSecret(
  reference: SecretReference,
  from: SecretSource,
): Promise<FoundSecret> {
  const place = placeOf(reference)
  if ('env' in reference) return inEnvironment(reference.env, from)
  const remedy = remedyOf(reference)
  try {
    const value = await textOf(reference, from)
    return value === '' ? { ok: false, what: `${place} is empty`, remedy } : { ok: true, value }
  } catch (error) {
    return { ok: false, what: `${place} cannot be read: ${reasonOf(error)}`, remedy }
  }
}

type Elsewhere = Exclude<SecretReference, { env: string }>

function inEnvironment(name: string, from: SecretSource): FoundSecret {
  const value = from.environment(name)
  if (value !== undefined && value !== '') return { ok: true, value }
  const state = value === undefined ? 'not set' : 'empty'
  return {
    ok: false,
    what: `the environment variable ${name} is ${state}`,
    remedy: `Set ${name} for this process, or refer to a file.`,
  }
}

async function textOf(reference: Elsewhere, from: SecretSource): Promise<string> {
  if ('file' in reference) return (await from.file(reference.file)).replace(/[\r\n]+$/, '')
  if ('awsParameter' in reference) {
    const { name, region } = { region: undefined, ...parameterOf(reference) }
    return from.aws.parameter(name, region)
  }
  const { id, key, region } = { key: undefined, region: undefined, ...secretOf(reference) }
  return memberOf(await from.aws.secret(id, region), key)
}

function remedyOf(reference: Elsewhere): string {
  return 'file' in reference
    ? 'Put the secret there, readable for this process, or refer to another place.'
    : 'See that it exists in that region, and that this process has the AWS credentials to read it.'
}

/** A secret of Secrets Manager is a text, or a JSON object of texts. */
function memberOf(text: string, key: string | undefined): string {
  const members = jsonObject(text)
  if (key === undefined) {
    if (members === null) return text
    throw new Error('it is a JSON object, whose member must be named by `key`')
  }
  const value = members?.get(key)
  if (typeof value !== 'string') throw new Error('it is no JSON object with a text under that key')
  return value
}

function jsonObject(text: string): ReadonlyMap<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? new Map(Object.entries(value)) : null
  } catch {
    return null
  }
}

/** Where nothing answers, the errors of every address that was tried say nothing together. */
function reasonOf(error: unknown): string {
  const inner = error instanceof AggregateError ? (error.errors[0] ?? error) : error
  const text = errorText(inner)
  return inner instanceof Error && inner.name !== 'Error' ? `${inner.name}: ${text}` : text
}

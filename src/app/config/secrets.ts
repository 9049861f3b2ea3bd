/**
 * The secrets that a configuration refers to. They go to what checks proofs, and nowhere else: not
 * into the configuration, a message or a log line.
 */
import { errorText } from '../../core/errors.ts'
import type { Complaint, Path } from './problem.ts'
import { type SecretProof, type SecretReference, secretProofs } from './proofs.ts'
import type { Config } from './schema.ts'

/** Where secrets come from; given by the command line, which alone reads the environment. */
export interface SecretSource {
  /** Undefined where there is no such variable. */
  environment(name: string): string | undefined
  /** Rejects where it cannot be read. */
  file(path: string): Promise<string>
}

/** By the proofs that a source asks for. */
export type SourceSecrets = Readonly<Partial<Record<SecretProof, readonly string[]>>>

/** The secrets of each source by its name, and what is missing. */
export interface ReadSecrets {
  readonly secrets: ReadonlyMap<string, SourceSecrets>
  readonly complaints: readonly Complaint[]
}

export async function readSecrets(config: Config, from: SecretSource): Promise<ReadSecrets> {
  const secrets = new Map<string, SourceSecrets>()
  const complaints: Complaint[] = []
  const readAll = async (references: readonly SecretReference[], path: Path) => {
    const values: string[] = []
    for (const [index, reference] of references.entries()) {
      const found = await read(reference, from)
      if (found.value !== '') values.push(found.value)
      else complaints.push({ path: [...path, index], ...found.complaint })
    }
    return values
  }
  for (const [index, { name, auth }] of config.sources.entries()) {
    if (auth === 'none') continue
    const path = ['sources', index, 'auth']
    const own: Partial<Record<SecretProof, readonly string[]>> = {}
    for (const proof of secretProofs) {
      const asked = auth[proof]
      if (asked) own[proof] = await readAll(asked.secrets, [...path, proof, 'secrets'])
    }
    secrets.set(name, own)
  }
  return { secrets, complaints }
}

interface Found {
  /** Empty where there is none. */
  readonly value: string
  readonly complaint: { readonly what: string; readonly remedy: string }
}

async function read(reference: SecretReference, from: SecretSource): Promise<Found> {
  if ('env' in reference) {
    const { env } = reference
    const value = from.environment(env)
    const state = value === undefined ? 'not set' : 'empty'
    const remedy = `Set ${env} for this process, or refer to a file.`
    const what = `the environment variable ${env} is ${state}`
    return { value: value ?? '', complaint: { what, remedy } }
  }
  const { file } = reference
  const remedy = 'Put the secret there, readable for this process, or refer to another place.'
  try {
    const value = (await from.file(file)).replace(/[\r\n]+$/, '')
    return { value, complaint: { what: `the file ${file} is empty`, remedy } }
  } catch (error) {
    const what = `the file ${file} cannot be read: ${errorText(error)}`
    return { value: '', complaint: { what, remedy } }
  }
}

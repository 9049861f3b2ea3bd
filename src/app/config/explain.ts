/**
 * Turns what the schema finds into complaints that say what to write instead.
 *
 * Guarantee: no text that stands below `auth`, as an endpoint, or where a reference to a secret
 * belongs is repeated, for it may be a secret in the wrong place.
 */
import type { z } from 'zod'
import { didYouMean } from './did-you-mean.ts'
import { examplesAt, keysAt, kindAt, schemasAt, wordsAt } from './outline.ts'
import type { Complaint, Path } from './problem.ts'
import type { JsonSchema } from './schema.ts'

type Issue = z.core.$ZodIssue

export interface ExplainContext {
  readonly schema: JsonSchema
  /** The values of the file, which the issues are about. */
  readonly value: unknown
}

export function explain(issues: readonly Issue[], context: ExplainContext): Complaint[] {
  return issues.flatMap((issue) => explainAt(issue, toPath(issue.path), context))
}

function explainAt(issue: Issue, path: Path, context: ExplainContext): Complaint[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => unknownKey([...path, key], context))
  const value = valueAt(context.value, path)
  if (value === undefined) return [missing(path, context)]
  if (issue.code === 'invalid_union') return explainChoice(issue, path, context)
  const remedy = howToWrite(path, context)
  if (value === null) return [{ path, what: 'has no value', remedy }]
  const shown = show(value, path, context)
  if (issue.code === 'custom') return [{ path, what: `${shown} ${issue.message}`, remedy }]
  if (issue.code === 'too_small') return [{ path, what: tooFew(issue, shown), remedy }]
  if (issue.code === 'too_big') return [{ path, what: tooMany(issue, shown), remedy }]
  return [{ path, what: `${shown} is not ${kindAt(context.schema, path)}`, remedy }]
}

/** A mapping that can only be one of the choices is judged as that one. */
function explainChoice(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: Path,
  context: ExplainContext,
): Complaint[] {
  const value = valueAt(context.value, path)
  const mappings = schemasAt(context.schema, path).filter(({ properties }) => properties)
  const meant = issue.errors.find((branch) => !branch.some((one) => isWhole(one)))
  if (isMapping(value) && mappings.length === 1 && meant !== undefined)
    return meant.flatMap((one) => explainAt(one, [...path, ...toPath(one.path)], context))
  const what = `${show(value, path, context)} is not ${kindAt(context.schema, path)}`
  return [{ path, what, remedy: howToWrite(path, context) }]
}

/** True where the value as a whole is of another type or word. */
function isWhole(issue: Issue): boolean {
  const ofAnotherKind = issue.code === 'invalid_type' || issue.code === 'invalid_value'
  return ofAnotherKind && issue.path.length === 0
}

function unknownKey(path: Path, { schema }: ExplainContext): Complaint {
  const key = String(path.at(-1))
  const keys = keysAt(schema, path.slice(0, -1))
  const meant = didYouMean(key, keys)
  const remedy =
    meant === null ? `The keys here are ${keys.join(', ')}.` : `Did you mean "${meant}"?`
  return { path, what: 'is no key of the configuration', remedy }
}

function missing(path: Path, context: ExplainContext): Complaint {
  return { path, what: 'is missing', remedy: howToWrite(path, context) }
}

function howToWrite(path: Path, { schema, value }: ExplainContext): string {
  const written = valueAt(value, path)
  const meant = typeof written === 'string' ? didYouMean(written, wordsAt(schema, path)) : null
  if (meant !== null) return `Did you mean "${meant}"?`
  const key = path.findLast((part) => typeof part === 'string')
  const examples = examplesAt(schema, path).map((one) =>
    typeof path.at(-1) === 'number' ? `- ${one}` : `${key}: ${one}`,
  )
  if (examples.length > 0) return `Write, for example, \`${examples.join('` or `')}\`.`
  const keys = keysAt(schema, path)
  return keys.length > 0 ? `Its keys are ${keys.join(', ')}.` : 'Leave it out or correct it.'
}

function tooFew(issue: Extract<Issue, { code: 'too_small' }>, shown: string): string {
  return issue.origin === 'array' ? 'is an empty list' : `${shown} is less than ${issue.minimum}`
}

function tooMany(issue: Extract<Issue, { code: 'too_big' }>, shown: string): string {
  return issue.origin === 'array'
    ? `has more than ${issue.maximum}`
    : `${shown} is more than ${issue.maximum}`
}

function show(value: unknown, path: Path, { schema }: ExplainContext): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  if (typeof value !== 'string') return String(value)
  const mayBeSecret =
    path.includes('auth') ||
    path.includes('endpoint') ||
    kindAt(schema, path) === 'a reference to a secret'
  if (mayBeSecret) return 'what stands here'
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
}

function valueAt(root: unknown, path: Path): unknown {
  let value: unknown = root
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Object.entries(value).find(([key]) => key === String(part))?.[1]
  }
  return value
}

function isMapping(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function toPath(path: readonly PropertyKey[]): Path {
  return path.map((part) => (typeof part === 'symbol' ? String(part) : part))
}

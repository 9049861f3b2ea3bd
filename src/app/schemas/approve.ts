/**
 * The next version of a schema: out of what was seen, or out of a file. It is noted, lands as a row
 * of `bronze.notes`, and holds for every loader from then on.
 */
import { InletError } from '../../core/errors.ts'
import type { EventPlace } from '../../loader/places.ts'
import { approvalDetail, approvalReason } from '../../schemas/approval.ts'
import { compareSchemas, type SchemaChange } from '../../schemas/compare.ts'
import { extendSchema } from '../../schemas/extend.ts'
import type { SchemaDocument } from '../../schemas/json-schema.ts'
import { type Schemas, versionOf } from '../../schemas/registry.ts'
import type { Config } from '../config/schema.ts'
import type { Machine } from '../machine.ts'
import { type Decision, recordDecisions } from '../operator-journal.ts'
import type { OpenDeviation } from './survey.ts'

/** What is to be approved, or was. */
export interface NextVersion {
  readonly topic: string
  readonly document: SchemaDocument
  readonly number: number
  readonly version: string
  /** The version that it follows; null for the first. */
  readonly follows: string | null
  readonly changes: readonly SchemaChange[]
}

/** Null where it says what the version in force says. */
export function nextVersion(
  schemas: Schemas,
  topic: string,
  document: SchemaDocument,
): NextVersion | null {
  const before = schemas.find(topic)
  const number = (before?.number ?? 0) + 1
  const version = versionOf(number, document)
  if (before !== null && versionOf(before.number, document) === before.version) return null
  const changes = compareSchemas(before?.document ?? {}, document)
  return { topic, document, number, version, follows: before?.version ?? null, changes }
}

/**
 * The schema in force, extended by deviations: by those at `paths`, or without any by all that are
 * compatible. Throws INL_SCH_NOT_SEEN for a path where nothing deviates.
 */
export function extended(
  schemas: Schemas,
  topic: string,
  { seen, paths }: { seen: readonly OpenDeviation[]; paths: readonly string[] },
): SchemaDocument {
  const before = schemas.find(topic)
  if (before === null) throw new InletError('INL_SCH_UNKNOWN', { topic })
  const unseen = paths.filter((path) => seen.every((one) => one.path !== path))
  if (unseen.length > 0)
    throw new InletError('INL_SCH_NOT_SEEN', { topic, paths: unseen.join(', ') })
  const chosen = seen.filter(({ path, compatible }) =>
    paths.length > 0 ? paths.includes(path) : compatible,
  )
  const told = chosen.flatMap(({ path, rule, typesSeen }) =>
    (typesSeen.length > 0 ? typesSeen : [null]).map((typeSeen) => ({ path, rule, typeSeen })),
  )
  return extendSchema(before.document, told)
}

/** Where the notes stand, in the order of `versions`. */
export function approve(
  machine: Machine,
  { config, who }: { readonly config: Config; readonly who: string },
  versions: readonly [NextVersion, ...NextVersion[]],
): Promise<EventPlace[]> {
  const [first, ...others] = versions
  const note = (next: NextVersion): Decision => ({
    reason: approvalReason,
    detail: approvalDetail(next, who),
  })
  return recordDecisions(machine, { config }, [note(first), ...others.map(note)])
}

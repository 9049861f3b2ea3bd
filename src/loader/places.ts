/**
 * What the loader passes around: records with the place they come from, and what it knows of
 * sources.
 */
import type { JournalRecord } from '../journal/entry.ts'

/** One partition's share of a batch. `to` is the position behind its last record. */
export interface PartitionBatch extends JournalPlace {
  /** Where the lake stands; null when it has never heard of this partition. */
  readonly from: number | null
  readonly to: number
  readonly records: readonly JournalRecord[]
}

export interface SourcePolicy {
  /** Ids are compared within a scope: `dedup.group` of the source, or its name. */
  readonly scope: string
  /** How long a body without a time of its own counts as the same event when repeated, ms. */
  readonly repeatMs: number
}

export type SourcePolicies = (source: string) => SourcePolicy

/**
 * The larger of the retry window and this is `repeatMs`; it also serves sources no longer
 * configured.
 */
export const SHORTEST_REPEAT_MS = 600_000

export function sourcePolicies(
  sources: readonly (SourcePolicy & { readonly name: string })[],
): SourcePolicies {
  const known = new Map(sources.map((source) => [source.name, source]))
  return (name) => known.get(name) ?? { scope: name, repeatMs: SHORTEST_REPEAT_MS }
}

/** One partition of a journal, whatever stands in it. */
export interface JournalPlace {
  readonly journalId: string
  readonly partition: string
}

/** The application that a partition is in the lake's transaction log (DESIGN: `txn`). */
export function appId(place: JournalPlace): string {
  return `inlet/${place.journalId}/${place.partition}`
}

/** The partition that such an application is; null for any other. */
export function appPlace(app: string): JournalPlace | null {
  const [owner, journalId, partition] = app.split('/')
  if (owner !== 'inlet' || journalId === undefined || partition === undefined) return null
  return { journalId, partition }
}

export interface EventPlace extends JournalPlace {
  readonly position: number
}

export function placeName(place: EventPlace): string {
  return `${place.journalId}/${place.partition}/${place.position}`
}

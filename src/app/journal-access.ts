/** The journal of a configuration: how it is written, and every partition to read. */
import type { Files } from '../core/files.ts'
import type { JournalReader } from '../journal/journal.ts'
import { listPartitions, listSegments } from '../journal/segment/layout.ts'
import { openSegmentReader } from '../journal/segment/reader.ts'
import type { SegmentWriterOptions } from '../journal/segment/writer.ts'
import type { Config } from './config/schema.ts'
import { type Gap, recordsOf } from './journal-inspect.ts'
import type { Machine } from './machine.ts'

/** The partition that a gateway of this machine writes. */
export function gatewayPartition(worker: number): string {
  return `gateway-${worker}`
}

export function isGatewayPartition(partition: string): boolean {
  return /^gateway-\d+$/.test(partition)
}

/**
 * What may wait for the disk; a sixteenth of what a gateway may have, twice (it writes the other).
 */
const maxWaitingBytes = 48 * 2 ** 20

export function segmentOptions(
  { journal }: Pick<Config, 'journal'>,
  partition: string,
): SegmentWriterOptions {
  const { dir, segmentBytes, maxBytes, minFree } = journal
  return { dir, partition, segmentBytes, maxBytes, minFree, maxWaitingBytes }
}

type ReaderDeps = Pick<Machine, 'files' | 'locks'>

/** Readers of all partitions that hold something, or of some. The caller closes them. */
export async function openPartitions(
  deps: ReaderDeps,
  dir: string,
  wanted?: ReadonlySet<string>,
): Promise<JournalReader[]> {
  const { readers, failures } = await tryOpen(deps, dir, (one) => wanted?.has(one) ?? true)
  if (failures.length > 0) throw failures[0]
  return readers
}

/**
 * Readers of those that are not in `open`. One that cannot be opened holds up no other: it rejects
 * where nothing else is left to open.
 */
export async function openMorePartitions(
  deps: ReaderDeps,
  dir: string,
  open: ReadonlySet<string>,
): Promise<JournalReader[]> {
  const { readers, failures } = await tryOpen(deps, dir, (one) => !open.has(one))
  if (readers.length === 0 && failures.length > 0) throw failures[0]
  return readers
}

export interface Held {
  /** The first position that is held. */
  readonly first: number
  /** Behind it, where files are gone from the middle. */
  readonly gaps: readonly Gap[]
}

/**
 * By partition, what is held. Read before a table it can be held against that: what a journal lets
 * go of meanwhile has landed in the table.
 */
export async function heldPositions(
  files: Files,
  dir: string,
  readers: readonly JournalReader[],
): Promise<Map<string, Held>> {
  const found = new Map<string, Held>()
  for (const reader of readers) {
    const { first } = await reader.bounds()
    found.set(reader.partition, { first, gaps: await gapsOf(files, dir, reader) })
  }
  return found
}

/** Positions that a partition does not hold, and that a lake that stands at `landed` needs. */
export function goneFrom({ first, gaps }: Held, landed: number): Gap[] {
  return [{ from: 0, to: first - 1 }, ...gaps].flatMap(({ from, to }) =>
    to < landed ? [] : [{ from: Math.max(from, landed), to }],
  )
}

/** Only files before a missing one are read, which tell where it began. */
async function gapsOf(files: Files, dir: string, reader: JournalReader): Promise<Gap[]> {
  const gaps: Gap[] = []
  const segments = await listSegments(files, `${dir}/${reader.partition}`)
  for (const [index, { first: from, generation }] of segments.entries()) {
    const following = segments[index + 1]
    if (following === undefined || following.generation === generation + 1) continue
    for await (const found of recordsOf(reader, { from, end: following.first }))
      if (!('kind' in found)) gaps.push(found)
  }
  return gaps
}

async function tryOpen(deps: ReaderDeps, dir: string, isWanted: (partition: string) => boolean) {
  const readers: JournalReader[] = []
  const failures: unknown[] = []
  for (const partition of await listPartitions(deps.files, dir)) {
    if (!isWanted(partition)) continue
    try {
      const reader = await openSegmentReader(deps, { dir, partition })
      if (reader !== null) readers.push(reader)
    } catch (error) {
      failures.push(error)
    }
  }
  return { readers, failures }
}

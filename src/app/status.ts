/**
 * How it stands: what the journal holds, how far the lake has come, what needs an operator.
 *
 * Limits: a moment's view of parts that move; bytes that have not landed are measured by whole
 * files, the one in which landing stands by its share.
 */
import type { JournalReader } from '../journal/journal.ts'
import { listSegments, type SegmentName } from '../journal/segment/layout.ts'
import type { DeltaTable } from '../lake/delta/delta-table.ts'
import type { OpenLetters } from '../loader/dead-letters/find-letters.ts'
import { appId } from '../loader/places.ts'
import { readRefused, refusedFiles, refusedPath } from '../sinks/refused.ts'
import type { OrgInterval } from './channels/open-gaps.ts'
import { channelsPartition, readProven } from './channels/proven-file.ts'
import type { Config } from './config/schema.ts'
import { fileSystemOf } from './disk-check.ts'
import { goneFrom, type Held } from './journal-access.ts'
import type { LayerStatus } from './layer-status.ts'
import type { Machine } from './machine.ts'
import { readStates, type SubscriptionState } from './subscriptions/states.ts'
import { type CertificateStatus, certificateReport } from './tls/report.ts'

/** The names are a contract (DESIGN 10). */
export interface Status {
  readonly journal: {
    /** Positions that are durable and not in the lake. */
    readonly lag: number
    readonly unlanded: Unlanded
    /**
     * Until maxBytes or minFree, at the pace of what has not landed; null while that is nothing.
     */
    readonly secondsToFull: number | null
    readonly partitions: readonly PartitionStatus[]
  }
  readonly lake: {
    /** How far the lake is behind: the age of the oldest record that is not in it; 0 for none. */
    readonly freshnessSeconds: number | null
    /** Of `bronze.arrivals`; null where nothing has landed. */
    readonly version: number | null
    readonly rows: number
    readonly files: number
    readonly bytes: number
    readonly committedAt: string | null
    /**
     * Why the lake cannot be reached, or null. Where it cannot, all that the journal still holds
     * counts as not landed.
     */
    readonly trouble: string | null
  }
  readonly silver: LayerStatus
  readonly gold: LayerStatus
  readonly deadLetters: {
    /** Neither replayed nor discarded; null while the lake cannot be reached. */
    readonly open: number | null
    /** Since the first of them was received; null for none. */
    readonly oldestSeconds: number | null
  }
  /** Up to when an organisation was compared with Genesys Cloud; none where no one was. */
  readonly reconciliation: readonly ReconciliationStatus[]
  /** What is listened to over notification channels. */
  readonly channels: readonly ChannelStatus[]
  /** What is to deliver, as it was looked at last; none where nobody has. */
  readonly subscriptions: readonly SubscriptionStatus[]
  /** Of those that keep events apart which a server refuses. */
  readonly sinks: readonly SinkStatus[]
  readonly certificates: readonly CertificateStatus[]
  /** Which of their files cannot be read or used, and why. */
  readonly certificateTrouble: string | null
}

export interface ReconciliationStatus {
  readonly org: string
  readonly completeTo: string
}

export interface ChannelStatus {
  readonly org: string
  /** How long ago all channels were known to be open last; null for never. */
  readonly provenSeconds: number | null
  /** Gaps that no reconciliation covers; null while the lake cannot be reached. */
  readonly gaps: number | null
  /** How long they are together. */
  readonly gapSeconds: number | null
}

export interface SubscriptionStatus {
  readonly source: string
  readonly name: string
  readonly state: SubscriptionState
  /** For how long it is known to be so. */
  readonly forSeconds: number
  readonly checkedSeconds: number
}

export interface SinkStatus {
  readonly name: string
  /** Events that were left out, each named in `file`. */
  readonly refused: number
  readonly file: string
}

export interface Unlanded {
  readonly events: number
  readonly bytes: number
  /** Null where nothing is, or where it is too damaged to tell. */
  readonly oldestSeconds: number | null
}

export interface PartitionStatus {
  readonly partition: string
  readonly journalId: string
  readonly first: number
  readonly end: number
  readonly bytes: number
  /** The position that the lake expects next; null where it has nothing of this partition. */
  readonly landed: number | null
  readonly lag: number
  readonly unlanded: Unlanded
  /** What is wrong with it, in words, or null. */
  readonly trouble: string | null
}

export interface StatusInput {
  readonly config: Config
  readonly readers: readonly JournalReader[]
  /** Of each partition as it was before the table was read; left out: as it is. */
  readonly held?: ReadonlyMap<string, Held>
  readonly table: DeltaTable | null
  readonly silver: LayerStatus
  readonly gold: LayerStatus
  readonly reconciliation?: readonly ReconciliationStatus[]
  /** Null where the lake cannot be reached, which `lakeTrouble` then explains. */
  readonly letters: OpenLetters | null
  /** Of channels; left out where the lake cannot be reached. */
  readonly gaps?: readonly OrgInterval[]
  readonly lakeTrouble?: string | null
}

export async function readStatus(machine: Machine, input: StatusInput): Promise<Status> {
  const { config, readers, table, letters, lakeTrouble = null } = input
  const partitions: PartitionStatus[] = []
  for (const reader of readers) partitions.push(await partitionStatus(machine, reader, input))
  const unlanded = sumUnlanded(partitions.map((one) => one.unlanded))
  const { freeBytes } = await fileSystemOf(config.journal.dir)
  const { certificates, trouble } = await certificateReport(machine, config)
  const held = partitions.reduce((sum, { bytes }) => sum + bytes, 0)
  const room = Math.min(config.journal.maxBytes - held, freeBytes - config.journal.minFree)
  return {
    journal: {
      lag: partitions.reduce((sum, { lag }) => sum + lag, 0),
      unlanded,
      secondsToFull: secondsToFull(unlanded, room),
      partitions,
    },
    lake: {
      freshnessSeconds: unlanded.events === 0 ? 0 : unlanded.oldestSeconds,
      ...tableStatus(table),
      trouble: lakeTrouble,
    },
    deadLetters: {
      open: letters === null ? null : letters.open,
      oldestSeconds: letters?.oldestAt ? ageOf(machine, letters.oldestAt) : null,
    },
    silver: input.silver,
    gold: input.gold,
    reconciliation: input.reconciliation ?? [],
    channels: await channelStatus(machine, input),
    subscriptions: await subscriptionStatus(machine, config),
    sinks: await sinkStatus(machine, config),
    certificates,
    certificateTrouble: trouble,
  }
}

async function channelStatus(
  machine: Machine,
  { config, gaps }: StatusInput,
): Promise<ChannelStatus[]> {
  const proven = await readProven(machine.files, `${config.journal.dir}/${channelsPartition}`)
  return config.channels.map(({ org }) => {
    const at = proven.get(org)
    const own = gaps?.filter((gap) => gap.org === org)
    const lengths = own?.map(({ from, to }) => to - from)
    return {
      org,
      provenSeconds: at === undefined ? null : ageOf(machine, at),
      gaps: own?.length ?? null,
      gapSeconds: lengths ? lengths.reduce((sum, ms) => sum + ms, 0) / 1000 : null,
    }
  })
}

async function subscriptionStatus(
  machine: Machine,
  { journal, sources }: Config,
): Promise<SubscriptionStatus[]> {
  const wanted = new Map(sources.map(({ name, subscription }) => [name, subscription?.name]))
  const states = await readStates(machine.files, journal.dir)
  return states
    .filter(({ source, name }) => wanted.get(source) === name)
    .map(({ source, name, state, since, checkedAt }) => {
      const [forSeconds, checkedSeconds] = [ageOf(machine, since), ageOf(machine, checkedAt)]
      return { source, name, state, forSeconds, checkedSeconds }
    })
}

async function sinkStatus({ files }: Machine, { sinks }: Config): Promise<SinkStatus[]> {
  const found: SinkStatus[] = []
  for (const sink of sinks) {
    if (sink.kind !== 'https') continue
    const { name, dir } = sink
    const file = refusedPath(dir, name)
    let refused = 0
    for (const path of await refusedFiles(files, dir, name))
      refused += (await readRefused(files, path)).length
    found.push({ name, refused, file })
  }
  return found
}

async function partitionStatus(
  machine: Machine,
  reader: JournalReader,
  { config, held, table, lakeTrouble }: StatusInput,
): Promise<PartitionStatus> {
  const { partition, journalId } = reader
  const { first, end, bytes } = await reader.bounds()
  const landed = table?.txn(appId(reader)) ?? null
  const from = Math.max(first, landed ?? 0)
  const segments = await listSegments(machine.files, `${config.journal.dir}/${partition}`)
  const unlandedBytes = await bytesFrom(machine, segments, { from, end })
  const oldestSeconds = from < end ? await ageAt(machine, reader, from) : null
  return {
    partition,
    journalId,
    first,
    end,
    bytes,
    landed,
    lag: Math.max(0, end - from),
    unlanded: { events: Math.max(0, end - from), bytes: unlandedBytes, oldestSeconds },
    trouble: lakeTrouble
      ? null
      : troubleOf(held?.get(partition) ?? { first, gaps: [] }, { end, landed }),
  }
}

function troubleOf(
  held: Held,
  { end, landed }: { end: number; landed: number | null },
): string | null {
  if (landed !== null && landed > end) return `the lake is ahead of it, at position ${landed}`
  const gone = goneFrom(held, landed ?? 0).map(({ from, to }) => `${from} to ${to}`)
  return gone.length === 0 ? null : `positions ${gone.join(', ')} are gone`
}

async function bytesFrom(
  { files }: Machine,
  segments: readonly SegmentName[],
  range: { from: number; end: number },
): Promise<number> {
  let bytes = 0
  for (const [index, { path, first }] of segments.entries()) {
    const behind = segments[index + 1]?.first ?? range.end
    const count = behind - first
    const share = count === 0 ? 0 : Math.max(0, behind - Math.max(first, range.from)) / count
    bytes += share * ((await files.stat(path))?.size ?? 0)
  }
  return Math.round(bytes)
}

/** Null where the journal cannot tell: the record is damaged, or gone. */
async function ageAt(machine: Machine, reader: JournalReader, from: number) {
  const [record] = await reader.read(from, { records: 1, bytes: 1 }).catch(() => [])
  if (record?.kind !== 'entry') return null
  const { entry } = record
  const hasEnvelope = entry.kind === 'event' || entry.kind === 'repeat'
  const { receivedAt } = hasEnvelope ? entry.envelope : entry
  return ageOf(machine, receivedAt)
}

function ageOf({ clock }: Machine, receivedAt: number): number {
  return Math.max(0, (clock.now() - receivedAt) / 1000)
}

function sumUnlanded(parts: readonly Unlanded[]): Unlanded {
  const ages = parts.flatMap(({ oldestSeconds }) => oldestSeconds ?? [])
  return {
    events: parts.reduce((sum, { events }) => sum + events, 0),
    bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
    oldestSeconds: ages.length === 0 ? null : Math.max(...ages),
  }
}

function secondsToFull({ bytes, oldestSeconds }: Unlanded, room: number): number | null {
  if (room <= 0) return 0
  if (oldestSeconds === null || oldestSeconds === 0 || bytes === 0) return null
  return Math.round((room * oldestSeconds) / bytes)
}

function tableStatus(table: DeltaTable | null) {
  const files = table?.snapshot().files ?? []
  const last = table?.snapshot().commits.at(-1)
  return {
    version: table?.version ?? null,
    rows: rowsOf(table),
    files: files.length,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    committedAt: last === undefined ? null : new Date(last.timestamp).toISOString(),
  }
}

/** From the statistics of the files: nothing is read. */
function rowsOf(table: DeltaTable | null): number {
  const files = table?.snapshot().files ?? []
  return files.reduce((sum, { stats }) => sum + recordsIn(stats), 0)
}

function recordsIn(stats: string | null): number {
  const { numRecords = 0 }: { numRecords?: number } = JSON.parse(stats ?? '{}')
  return numRecords
}

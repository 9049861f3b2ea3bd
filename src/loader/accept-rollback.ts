/**
 * An operator keeps a journal that was rolled back: its positions stand for other things in the
 * lake already, so what it holds moves to a journal of its own, with a UUID of its own, and is
 * landed from there. What the lake has of it is told as duplicates.
 *
 * Crash-safe: the old folder is set aside whole first and renamed once more when everything is
 * copied; in between, running this again copies again, which costs duplicates and nothing else.
 */
import { hash } from 'node:crypto'
import { hasCode, InletError } from '../core/errors.ts'
import type { DamagedRecord, Entry, JournalRecord, UnreadableEntry } from '../journal/entry.ts'
import type { JournalReader, JournalWriter } from '../journal/journal.ts'
import { lockPath } from '../journal/segment/layout.ts'
import { openSegmentReader } from '../journal/segment/reader.ts'
import {
  openSegmentWriter,
  type SegmentDeps,
  type SegmentWriterOptions,
} from '../journal/segment/writer.ts'
import { DAMAGED } from './arrival-row.ts'

export const JOURNAL_ROLLED_BACK = 'journal_rolled_back'
const READ_LIMITS = { records: 1000, bytes: 8 * 2 ** 20 }

export interface RollbackReport {
  readonly formerJournalId: string
  readonly journalId: string
  readonly copied: number
  /** Positions of the former journal that were gone, and were given up. */
  readonly lost: readonly Lost[]
  /** The folder where the old files stay. */
  readonly kept: string
}

/** `to` is the last of them. */
export interface Lost {
  readonly from: number
  readonly to: number
}

export interface RollbackOptions extends SegmentWriterOptions {
  /** Whether positions that the journal lost are given up. */
  readonly acceptGap: boolean
}

/** Whether a journal was set aside and waits to be copied: then its own folder may be missing. */
export async function isSetAside(
  deps: Pick<SegmentDeps, 'files'>,
  { dir, partition }: { readonly dir: string; readonly partition: string },
): Promise<boolean> {
  return (await deps.files.stat(`${dir}/${asideName(partition)}`)) !== null
}

/**
 * The gateway of the partition must be stopped: rejects with INL_JRN_LOCKED while it runs, and with
 * INL_LDR_ROLLBACK_GAP at positions that are gone and not given up. What was copied until then is
 * copied again the next time.
 */
export async function acceptRollback(
  deps: SegmentDeps,
  options: RollbackOptions,
): Promise<RollbackReport> {
  const { files } = deps
  const { dir, partition } = options
  const aside = asideName(partition)
  if (!(await isSetAside(deps, options))) await setAside(deps, options, aside)
  const reader = await openSegmentReader(deps, { dir, partition: aside })
  if (reader === null) throw new InletError('INL_JRN_UNREADABLE', { folder: `${dir}/${aside}` })
  const { writer } = await openSegmentWriter(deps, options)
  try {
    const { copied, lost } = await copyAll(reader, writer, { ...options, now: deps.clock.now() })
    const note = { formerJournalId: reader.journalId, copied, lost }
    await writer.append([rollbackNote(note, deps.clock.now())])
    const kept = `${dir}/${aside}-${reader.journalId}`
    await files.rename(`${dir}/${aside}`, kept)
    await files.syncFolder(dir)
    return { ...note, journalId: writer.journalId, kept }
  } finally {
    await reader.close()
    await writer.close()
  }
}

function asideName(partition: string): string {
  return `${partition}.rolled-back`
}

async function setAside(deps: SegmentDeps, options: SegmentWriterOptions, aside: string) {
  const folder = `${options.dir}/${options.partition}`
  const lock = deps.locks.acquire(lockPath(folder))
  if (lock === null) throw new InletError('INL_JRN_LOCKED', { path: folder, waited: '0s' })
  try {
    await deps.files.rename(folder, `${options.dir}/${aside}`)
    await deps.files.syncFolder(options.dir)
  } finally {
    lock.release()
  }
}

interface CopyContext {
  readonly partition: string
  readonly acceptGap: boolean
  readonly now: number
}

async function copyAll(reader: JournalReader, writer: JournalWriter, context: CopyContext) {
  const { now } = context
  const { first, end } = await reader.bounds()
  const lost: Lost[] = []
  let copied = 0
  for (let position = first; position < end; ) {
    const records = await readOrGap(reader, position)
    if ('to' in records) {
      lost.push(givenUp(records, context))
      position = records.to + 1
      continue
    }
    const entries = records.flatMap((record): Entry[] => {
      if (record.kind === 'damaged') return [damagedEntry(record, now)]
      return isMoved(record.entry) ? [record.entry] : []
    })
    if (entries.length > 0) await writer.append(entries)
    copied += entries.length
    position = (records.at(-1)?.position ?? end) + 1
  }
  return { copied, lost }
}

async function readOrGap(reader: JournalReader, from: number): Promise<JournalRecord[] | Lost> {
  try {
    return await reader.read(from, READ_LIMITS)
  } catch (error) {
    if (!hasCode(error, 'INL_JRN_GAP')) throw error
    return { from, to: Number(error.details['to']) }
  }
}

function givenUp(lost: Lost, { partition, acceptGap }: CopyContext): Lost {
  if (acceptGap) return lost
  throw new InletError('INL_LDR_ROLLBACK_GAP', { partition, ...lost })
}

/**
 * A repeat names a position of the old journal, and the event that it repeats moves too. A tally
 * may have landed already: counted twice it would promise more than there is.
 */
function isMoved(entry: Entry): boolean {
  return entry.kind !== 'repeat' && !(entry.kind === 'note' && entry.reason === 'tally')
}

function damagedEntry(record: DamagedRecord, receivedAt: number): UnreadableEntry {
  return {
    kind: 'unreadable',
    source: '',
    sender: '',
    headers: '{}',
    receivedAt,
    reason: DAMAGED,
    detail: record.detail,
    body: record.bytes,
    bodySha256: hash('sha256', record.bytes, 'buffer'),
  }
}

function rollbackNote(detail: object, receivedAt: number): Entry {
  const reason = JOURNAL_ROLLED_BACK
  return { kind: 'note', source: '', receivedAt, reason, detail: JSON.stringify(detail) }
}

/**
 * An operator keeps a journal that was rolled back: its positions stand for other things in the
 * lake already, so what it holds moves to a journal of its own, with a UUID of its own, and is
 * landed from there. What the lake has of it is told as duplicates.
 *
 * Crash-safe: the old folder is set aside whole first and renamed once more when everything is
 * copied; in between, running this again copies again, which costs duplicates and nothing else.
 */
import { hash } from 'node:crypto'
import { InletError } from '../core/errors.ts'
import type { DamagedRecord, Entry, UnreadableEntry } from '../journal/entry.ts'
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
  /** The folder where the old files stay. */
  readonly kept: string
}

/** The gateway of the partition must be stopped: rejects with INL_JRN_LOCKED while it runs. */
export async function acceptRollback(
  deps: SegmentDeps,
  options: SegmentWriterOptions,
): Promise<RollbackReport> {
  const { files } = deps
  const { dir, partition } = options
  const aside = `${partition}.rolled-back`
  if ((await files.stat(`${dir}/${aside}`)) === null) await setAside(deps, options, aside)
  const reader = await openSegmentReader(deps, { dir, partition: aside })
  if (reader === null) throw new InletError('INL_JRN_UNREADABLE', { folder: `${dir}/${aside}` })
  const { writer } = await openSegmentWriter(deps, options)
  try {
    const copied = await copyAll(reader, writer, deps.clock.now())
    const note = { formerJournalId: reader.journalId, copied }
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

async function setAside(deps: SegmentDeps, options: SegmentWriterOptions, aside: string) {
  const folder = `${options.dir}/${options.partition}`
  const lock = deps.locks.acquire(lockPath(folder))
  if (lock === null) throw new InletError('INL_JRN_LOCKED', { path: folder })
  try {
    await deps.files.rename(folder, `${options.dir}/${aside}`)
    await deps.files.syncFolder(options.dir)
  } finally {
    lock.release()
  }
}

async function copyAll(reader: JournalReader, writer: JournalWriter, now: number): Promise<number> {
  const { first, end } = await reader.bounds()
  let copied = 0
  for (let position = first; position < end; ) {
    const records = await reader.read(position, READ_LIMITS)
    const entries = records.flatMap((record): Entry[] => {
      if (record.kind === 'damaged') return [damagedEntry(record, now)]
      return isMoved(record.entry) ? [record.entry] : []
    })
    if (entries.length > 0) await writer.append(entries)
    copied += entries.length
    position = (records.at(-1)?.position ?? end) + 1
  }
  return copied
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

/**
 * Events that a server refused, by name: a line of JSON each in a file of the sink. Their rows are
 * in the lake; nothing of their content is here (I8).
 *
 * A line is there before the sink goes on behind its event, and once: a crash in between finds it.
 */
import { join } from 'node:path'
import { type Files, isSystemError } from '../core/files.ts'
import { replaceFile } from '../core/replace-file.ts'
import type { Stretch } from './sink.ts'

export interface RefusedEvent {
  readonly table: string
  readonly event_id: string
  readonly journal_id: string
  readonly partition: string
  readonly position: number
  readonly rows: number
  /** Of the answer. */
  readonly status: number
  /** ISO 8601. */
  readonly at: string
}

export function refusedPath(folder: string, sink: string): string {
  return join(folder, `${sink}.refused.ndjson`)
}

/** `one` has the rows of one event. */
export function refusedEvent(one: Stretch, status: number, now: number): RefusedEvent {
  const { table, journalId, partition, from: position, rows } = one
  return {
    table: table.name,
    event_id: rows[0]?.eventId ?? '',
    journal_id: journalId,
    partition,
    position,
    rows: rows.length,
    status,
    at: new Date(now).toISOString(),
  }
}

export async function readRefused(files: Files, path: string): Promise<RefusedEvent[]> {
  const text = await files.readAll(path).catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT')) return Buffer.of()
    throw error
  })
  const lines = text.toString().split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line))
}

export async function keepRefused(
  files: Files,
  path: string,
  events: readonly RefusedEvent[],
): Promise<void> {
  const before = await readRefused(files, path)
  const known = new Set(before.map(placeOf))
  const fresh = events.filter((event) => !known.has(placeOf(event)))
  if (fresh.length === 0) return
  const all = [...before, ...fresh].map((event) => `${JSON.stringify(event)}\n`)
  await replaceFile(files, path, all.join(''))
}

function placeOf({ table, journal_id, partition, position }: RefusedEvent): string {
  return JSON.stringify([table, journal_id, partition, position])
}

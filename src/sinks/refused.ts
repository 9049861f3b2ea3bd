/**
 * Events that a server refused, by name: a line of JSON each in a file of the sink. Their rows are
 * in the lake; nothing of their content is here (I8).
 *
 * A line is there before the sink goes on behind its event, and once: a crash in between finds it.
 * What is sent again (./resend.ts) is put aside first, under a number, so that the sink may refuse
 * others meanwhile.
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

/** All files of a sink that name events: its own, and those that were put aside. */
export async function refusedFiles(files: Files, folder: string, sink: string): Promise<string[]> {
  if ((await files.stat(folder)) === null) return []
  const names = (await files.list(folder)).filter(
    (name) => name.startsWith(`${sink}.refused.`) && /\.refused\.(\d+\.)?ndjson$/.test(name),
  )
  return names.map((name) => join(folder, name))
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

export async function writeRefused(
  files: Files,
  path: string,
  events: readonly RefusedEvent[],
): Promise<void> {
  await replaceFile(files, path, events.map((event) => `${JSON.stringify(event)}\n`).join(''))
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
  await writeRefused(files, path, [...before, ...fresh])
}

function placeOf({ table, journal_id, partition, position }: RefusedEvent): string {
  return JSON.stringify([table, journal_id, partition, position])
}

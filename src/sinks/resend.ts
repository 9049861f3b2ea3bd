/**
 * Sends again what an HTTPS sink was refused, once its server takes it: each event by itself, under
 * the `Idempotency-Key` that it had.
 *
 * Guarantee: an event stays named until it has arrived, or is no more in the lake. Wherever this
 * ends, the next call goes on; what had arrived by then may arrive twice. Beside a sink that runs,
 * but not beside another of its kind, which the caller sees to.
 */
import type { Files } from '../core/files.ts'
import type { Table } from '../tables/table.ts'
import type { Feed, ReachedStream } from './feed.ts'
import {
  type RefusedEvent,
  readRefused,
  refusedFiles,
  refusedPath,
  writeRefused,
} from './refused.ts'
import type { Sink } from './sink.ts'

export interface ResendDeps {
  readonly files: Files
  readonly feed: Feed
  readonly sink: Required<Pick<Sink, 'name' | 'offer'>>
}

export interface ResendOptions {
  /** That of the progress of the sink. */
  readonly folder: string
  readonly tables: readonly Table[]
  readonly signal: AbortSignal
}

/** Events. */
export interface Resent {
  readonly arrived: number
  readonly refused: number
  /** Erased or taken out by retention since. */
  readonly gone: number
}

type Outcome = keyof Resent

export async function resendRefused(deps: ResendDeps, options: ResendOptions): Promise<Resent> {
  const { files, sink, feed } = deps
  const { folder, tables, signal } = options
  await putAside(files, folder, sink.name)
  const streams: ReachedStream[] = []
  for (const table of tables) streams.push(...(await feed.streams(table)))
  const resent: Record<Outcome, number> = { arrived: 0, refused: 0, gone: 0 }
  for (const path of await asideOf(files, folder, sink.name)) {
    const left = await readRefused(files, path)
    for (const event of [...left]) {
      signal.throwIfAborted()
      const outcome = await resend(deps, { event, streams, signal })
      resent[outcome]++
      if (outcome === 'refused') continue
      left.splice(left.indexOf(event), 1)
      await writeRefused(files, path, left)
    }
    if (left.length === 0) await files.remove(path)
  }
  return resent
}

interface One {
  readonly event: RefusedEvent
  readonly streams: readonly ReachedStream[]
  readonly signal: AbortSignal
}

async function resend({ feed, sink }: ResendDeps, { event, ...all }: One): Promise<Outcome> {
  const { table, journal_id: journalId, partition, position } = event
  const stream = all.streams.find(
    (one) => one.table.name === table && one.journalId === journalId && one.partition === partition,
  )
  if (stream === undefined) return 'gone'
  const to = position + 1
  const stretch = await feed.read({ ...stream, to }, position, 1)
  if (stretch.rows.length === 0) return 'gone'
  const status = await sink.offer({ ...stretch, to }, all.signal)
  return status === null ? 'arrived' : 'refused'
}

async function putAside(files: Files, folder: string, sink: string): Promise<void> {
  const own = refusedPath(folder, sink)
  if ((await files.stat(own)) === null) return
  const numbers = (await asideOf(files, folder, sink)).map((path) =>
    Number(/\.(\d+)\.ndjson$/.exec(path)?.[1]),
  )
  await files.rename(own, own.replace(/ndjson$/, `${Math.max(0, ...numbers) + 1}.ndjson`))
}

async function asideOf(files: Files, folder: string, sink: string): Promise<string[]> {
  const own = refusedPath(folder, sink)
  return (await refusedFiles(files, folder, sink)).filter((path) => path !== own)
}

/**
 * HTTPS as a sink: normalised rows as JSON to a server of the operator's.
 *
 * Guarantee: every row at least once, in order; a stretch that is sent again, because its answer
 * was lost, has the same `Idempotency-Key`. Only 2xx counts as arrived; redirects are not followed.
 * Progress is a file, put in place after each answer.
 *
 * 400, 413 and 422 are answers about what was sent. After `attempts` of them the events of the
 * stretch are sent one by one, and one that is refused again stands in a file beside the progress
 * (./refused.ts), once another behind it has arrived: a server that takes nothing is not one whose
 * events are at fault. Everything else, such as 401, is tried again for ever: nothing is dropped.
 */
import { createHmac, hash } from 'node:crypto'
import { join } from 'node:path'
import type { Clock } from '../core/clock.ts'
import { type Files, isSystemError } from '../core/files.ts'
import { replaceFile } from '../core/replace-file.ts'
import { keepRefused, type RefusedEvent, refusedEvent, refusedPath } from './refused.ts'
import type { Delivered, Sink, Stream, Stretch } from './sink.ts'

export interface HttpsOptions {
  readonly name: string
  readonly url: string
  /** Asked anew for each request; values are secrets. */
  readonly headers: () => Promise<Readonly<Record<string, string>>>
  /** Signs `timestamp.body` in `X-Inlet-Signature`; null for no signature. */
  readonly signingKey: (() => Promise<string>) | null
  readonly timeoutMs: number
  /** Refusals of a stretch after which its events are sent one by one; 0 for never. */
  readonly attempts: number
  /** The folder that holds its progress. */
  readonly folder: string
}

export interface HttpsDeps {
  readonly files: Files
  readonly clock: Clock
  readonly fetch: typeof fetch
}

type Progress = Record<string, number>

/** What was sent is wrong or too large, and will be. Others may be the configuration's fault. */
const refusals: ReadonlySet<number> = new Set([400, 413, 422])
/** Then it is rather the server. */
const MOST_IN_A_ROW = 10

class Refusal extends Error {
  readonly status: number

  constructor(status: number) {
    super(`it answered ${status}`)
    this.status = status
  }
}

export function openHttpsSink(
  deps: HttpsDeps,
  options: HttpsOptions,
): Sink & Required<Pick<Sink, 'offer'>> {
  return new HttpsSink(deps, options)
}

class HttpsSink implements Sink {
  readonly name: string
  readonly #deps: HttpsDeps
  readonly #options: HttpsOptions
  #progress: Progress | null = null
  /** By stream: where it stands, and how often that was refused. */
  readonly #refusals = new Map<string, { readonly from: number; readonly times: number }>()

  constructor(deps: HttpsDeps, options: HttpsOptions) {
    this.name = options.name
    this.#deps = deps
    this.#options = options
  }

  async reached(stream: Stream): Promise<number> {
    return (await this.#read())[keyOf(stream)] ?? 0
  }

  async deliver(stretch: Stretch, signal: AbortSignal): Promise<Delivered> {
    const { rows, to } = stretch
    try {
      if (rows.length > 0) await this.#send(stretch, signal)
    } catch (error) {
      if (!(error instanceof Refusal) || !this.#isRefusedTooOften(stretch)) throw error
      return this.#sendOneByOne(stretch, signal)
    }
    await this.#reach(stretch, to)
    return { arrived: rows.length, repeated: 0, refused: 0, to }
  }

  async offer(stretch: Stretch, signal: AbortSignal): Promise<number | null> {
    try {
      await this.#send(stretch, signal)
      return null
    } catch (error) {
      if (error instanceof Refusal) return error.status
      throw error
    }
  }

  #isRefusedTooOften(stretch: Stretch): boolean {
    const { attempts } = this.#options
    const before = this.#refusals.get(keyOf(stretch))
    const times = before?.from === stretch.from ? before.times + 1 : 1
    this.#refusals.set(keyOf(stretch), { from: stretch.from, times })
    return attempts > 0 && times >= attempts
  }

  /** Ends before events that are refused and have none behind them that arrived. */
  async #sendOneByOne(stretch: Stretch, signal: AbortSignal): Promise<Delivered> {
    const pending: RefusedEvent[] = []
    let [arrived, refused, to] = [0, 0, stretch.from]
    for (const one of eventsOf(stretch)) {
      try {
        await this.#send(one, signal)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        pending.push(refusedEvent(one, error.status, this.#deps.clock.now()))
        if (pending.length < MOST_IN_A_ROW) continue
        break
      }
      await keepRefused(this.#deps.files, this.#refusedPath, pending)
      await this.#reach(stretch, one.to)
      refused += pending.reduce((sum, { rows }) => sum + rows, 0)
      arrived += one.rows.length
      to = one.to
      pending.length = 0
    }
    const [last] = pending
    if (last === undefined) {
      await this.#reach(stretch, stretch.to)
      to = stretch.to
    }
    if (last !== undefined && to === stretch.from) throw new Refusal(last.status)
    return { arrived, repeated: 0, refused, to }
  }

  async #reach(stream: Stream, position: number): Promise<void> {
    const progress = await this.#read()
    progress[keyOf(stream)] = position
    await replaceFile(this.#deps.files, this.#path, `${JSON.stringify(progress)}\n`)
  }

  async close(): Promise<void> {}

  get #refusedPath(): string {
    return refusedPath(this.#options.folder, this.name)
  }

  get #path(): string {
    return join(this.#options.folder, `${this.name}.json`)
  }

  async #read(): Promise<Progress> {
    if (this.#progress !== null) return this.#progress
    const { files } = this.#deps
    await files.makeFolder(this.#options.folder)
    const text = await files.readAll(this.#path).catch((error: unknown) => {
      if (isSystemError(error, 'ENOENT')) return Buffer.from('{}')
      throw error
    })
    const progress: Progress = JSON.parse(text.toString())
    this.#progress = progress
    return progress
  }

  async #send(stretch: Stretch, signal: AbortSignal): Promise<void> {
    const { timeoutMs } = this.#options
    const late = new AbortController()
    const answered = new AbortController()
    const expire = () => late.abort(new Error(`it did not answer within ${timeoutMs} ms`))
    this.#deps.clock.sleep(timeoutMs, answered.signal).then(expire, () => undefined)
    try {
      await this.#post(stretch, AbortSignal.any([signal, late.signal]))
    } finally {
      answered.abort()
    }
  }

  async #post({ rows, ...place }: Stretch, signal: AbortSignal): Promise<void> {
    const list = rows.map(({ json }) => json).join(',')
    const body = `{"table":${JSON.stringify(place.table.name)},"rows":[${list}]}`
    const response = await this.#deps.fetch(this.#options.url, {
      method: 'POST',
      redirect: 'manual',
      body,
      signal,
      headers: {
        'content-type': 'application/json',
        'idempotency-key': hash('sha256', `${keyOf(place)} ${place.from} ${place.to}`),
        ...(await this.#signature(body)),
        ...(await this.#options.headers()),
      },
    })
    // What it says may be anything; the connection is to be used again.
    await response.arrayBuffer()
    const { ok, status } = response
    if (refusals.has(status)) throw new Refusal(status)
    if (!ok) throw new Error(`it answered ${status}`)
  }

  async #signature(body: string): Promise<Record<string, string>> {
    const { signingKey } = this.#options
    if (signingKey === null) return {}
    const timestamp = String(Math.floor(this.#deps.clock.now() / 1000))
    const signature = createHmac('sha256', await signingKey())
      .update(`${timestamp}.${body}`)
      .digest('hex')
    return { 'x-inlet-timestamp': timestamp, 'x-inlet-signature': signature }
  }
}

function keyOf({ table, journalId, partition }: Stream): string {
  return `${table.name} ${journalId}/${partition}`
}

/** A stretch for each event of it. */
function eventsOf(stretch: Stretch): Stretch[] {
  const byPosition = Map.groupBy(stretch.rows, ({ json }) => Number(JSON.parse(json).position))
  return [...byPosition].map(([from, rows]) => ({ ...stretch, from, to: from + 1, rows }))
}

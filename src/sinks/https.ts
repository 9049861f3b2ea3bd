/**
 * HTTPS as a sink: normalised rows as JSON to a server of the operator's.
 *
 * Guarantee: every row at least once, in order; a stretch that is sent again, because its answer
 * was lost, has the same `Idempotency-Key`. Only 2xx counts as arrived; redirects are not followed.
 * An answer that no repetition mends (4xx but 408, 425 and 429) is told and tried again like any
 * other: nothing is dropped.
 * Progress is a file, put in place after each answer.
 */
import { createHmac, hash } from 'node:crypto'
import { join } from 'node:path'
import type { Clock } from '../core/clock.ts'
import { type Files, isSystemError } from '../core/files.ts'
import { replaceFile } from '../core/replace-file.ts'
import type { Delivered, Sink, Stream, Stretch } from './sink.ts'

export interface HttpsOptions {
  readonly name: string
  readonly url: string
  /** Asked anew for each request; values are secrets. */
  readonly headers: () => Promise<Readonly<Record<string, string>>>
  /** Signs `timestamp.body` in `X-Inlet-Signature`; null for no signature. */
  readonly signingKey: (() => Promise<string>) | null
  readonly timeoutMs: number
  /** The folder that holds its progress. */
  readonly folder: string
}

export interface HttpsDeps {
  readonly files: Files
  readonly clock: Clock
  readonly fetch: typeof fetch
}

type Progress = Record<string, number>

export function openHttpsSink(deps: HttpsDeps, options: HttpsOptions): Sink {
  return new HttpsSink(deps, options)
}

class HttpsSink implements Sink {
  readonly name: string
  readonly #deps: HttpsDeps
  readonly #options: HttpsOptions
  #progress: Progress | null = null

  constructor(deps: HttpsDeps, options: HttpsOptions) {
    this.name = options.name
    this.#deps = deps
    this.#options = options
  }

  async reached(stream: Stream): Promise<number> {
    return (await this.#read())[keyOf(stream)] ?? 0
  }

  async deliver(stretch: Stretch, signal: AbortSignal): Promise<Delivered> {
    const progress = await this.#read()
    if (stretch.rows.length > 0) await this.#send(stretch, signal)
    progress[keyOf(stretch)] = stretch.to
    await replaceFile(this.#deps.files, this.#path, `${JSON.stringify(progress)}\n`)
    return { repeated: 0, refused: 0 }
  }

  async close(): Promise<void> {}

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
    if (!response.ok) throw new Error(`it answered ${response.status}`)
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

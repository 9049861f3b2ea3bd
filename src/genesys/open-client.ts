/**
 * The client of one organisation, put together: a call gets a token, waits for its turn, is sent,
 * and is sent again where that does no harm.
 *
 * What is sent again: any call that was refused for its rate (429) or for now (503) or for which no
 * token could be had, since nothing came of it; a repeatable one also after any other failure that
 * may pass. With a token that Genesys takes no more, a call is sent once more with another. A wait
 * that is asked for is kept; one longer than `longestWaitMs` is the caller's to decide.
 */
import { type Backoff, backoffDelay } from '../core/backoff.ts'
import type { Clock } from '../core/clock.ts'
import { InletError } from '../core/errors.ts'
import type { Random } from '../core/random.ts'
import { viewJson } from '../event/json-view.ts'
import type { Observer } from '../observe/events.ts'
import type { Measured, Reading } from '../observe/metrics.ts'
import type { Answer, Call, GenesysClient } from './client.ts'
import { type Failure, failureOf } from './failures.ts'
import { Governor } from './governor.ts'
import { type Endpoints, endpointsOf } from './hosts.ts'
import { toldLimit } from './limits.ts'
import { type Credentials, TokenSource } from './token.ts'
import { openTransport, type RawAnswer, type Transport } from './transport.ts'

export interface ClientDeps {
  readonly clock: Clock
  readonly random: Random
  readonly fetch: typeof fetch
  readonly observer: Observer
  readonly credentials: () => Promise<Credentials>
}

export interface ClientOptions {
  /** The name of the organisation in the configuration. */
  readonly org: string
  /** Of ./hosts.ts, or what was named on purpose. */
  readonly host: string
  readonly perMinute: number
  readonly timeoutMs: number
  readonly bodyBytes: number
  readonly tries: number
  readonly longestWaitMs: number
}

export const defaultClientOptions = {
  perMinute: 280,
  timeoutMs: 30_000,
  bodyBytes: 64 * 2 ** 20,
  tries: 5,
  longestWaitMs: 120_000,
} as const satisfies Omit<ClientOptions, 'org' | 'host'>

const retries: Backoff = { baseMs: 500, maxMs: 30_000 }
const repeatableMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT', 'DELETE'])

export type OpenClient = GenesysClient & Measured

export function openGenesysClient(deps: ClientDeps, options: ClientOptions): OpenClient {
  return new HttpsClient(deps, options)
}

/** A failure, and whether anything can have come of the call all the same. */
type Attempt = { readonly answer: Answer } | (Failure & { readonly isHarmless: boolean })

class HttpsClient implements GenesysClient, Measured {
  readonly org: string
  readonly #deps: ClientDeps
  readonly #options: ClientOptions
  readonly #endpoints: Endpoints
  readonly #transport: Transport
  readonly #tokens: TokenSource
  readonly #governor: Governor
  readonly #counts = { done: 0, refused: 0, limited: 0, failed: 0 }

  constructor(deps: ClientDeps, options: ClientOptions) {
    this.org = options.org
    this.#deps = deps
    this.#options = options
    this.#endpoints = endpointsOf(options.host)
    this.#transport = openTransport(deps, options)
    this.#tokens = new TokenSource(
      { ...deps, transport: this.#transport },
      options.org,
      this.#endpoints,
    )
    this.#governor = new Governor(deps, options)
  }

  async call(call: Call): Promise<Answer> {
    const url = this.#urlOf(call)
    for (let tries = 1; ; tries++) {
      call.signal?.throwIfAborted()
      const attempt = await this.#attempt(call, url)
      if ('answer' in attempt) return attempt.answer
      const { error, askedMs, isHarmless } = attempt
      const repeats =
        error.disposition === 'retry' &&
        (isHarmless || isRepeatable(call)) &&
        !this.#isLong(askedMs)
      if (!repeats || tries >= this.#options.tries) throw error
      const waitMs = Math.max(askedMs ?? 0, backoffDelay(retries, tries, this.#deps.random))
      await this.#deps.clock.sleep(waitMs, call.signal)
    }
  }

  follow(uri: string): Pick<Call, 'method' | 'path'> {
    const { api } = this.#endpoints
    const url = URL.canParse(uri, api) ? new URL(uri, api) : null
    if (url?.origin !== api || !isPath(url.pathname)) throw this.#foreign(uri)
    return { method: 'GET', path: `${url.pathname}${url.search}` }
  }

  own(uri: string): URL {
    const url = URL.parse(uri)
    if (url === null || !this.#endpoints.owns(url)) throw this.#foreign(uri)
    return url
  }

  measure(reading: Reading): void {
    const { org } = this
    for (const [outcome, count] of Object.entries(this.#counts))
      reading.number('inlet_genesys_requests_total', count, { org, outcome })
    reading.number('inlet_genesys_waiting_requests', this.#governor.waiting, { org })
    reading.number('inlet_genesys_waited_seconds_total', this.#governor.waitedMs / 1000, { org })
  }

  async #attempt(call: Call, url: URL): Promise<Attempt> {
    let isSent = false
    try {
      for (let token = await this.#tokens.get(), isSecond = false; ; isSecond = true) {
        await this.#governor.turn(call.urgency ?? 'normal', call.signal)
        isSent = true
        const answer = await this.#transport(requestOf(call, url, token))
        const attempt = this.#judge(call, url, answer)
        if (answer.status !== 401 || isSecond) return attempt
        isSent = false
        this.#tokens.drop(token)
        token = await this.#tokens.get()
      }
    } catch (error) {
      if (!(error instanceof InletError)) throw error
      this.#counts.failed++
      return { error, askedMs: null, isHarmless: !isSent }
    }
  }

  #judge(call: Call, url: URL, answer: RawAnswer): Attempt {
    const { status, headers, bytes } = answer
    const told = toldLimit(headers)
    if (told !== null) this.#governor.told(told)
    if (status >= 200 && status < 300) {
      const view = bytes.length === 0 ? undefined : viewJson(bytes)
      if (bytes.length === 0 || view !== undefined) {
        this.#counts.done++
        return { answer: { status, bytes, view } }
      }
      this.#counts.failed++
      const error = new InletError('INL_GEN_ANSWER', { host: url.host, reason: 'no JSON' })
      return { error, askedMs: null, isHarmless: false }
    }
    const asked = { org: this.org, host: url.host, call: nameOf(call), now: this.#deps.clock.now() }
    const failure = failureOf(answer, asked)
    this.#counts[status === 429 ? 'limited' : status < 500 ? 'refused' : 'failed']++
    if (status === 429) this.#limited(call, failure)
    return { ...failure, isHarmless: status === 429 || status === 503 }
  }

  /** All wait where it is for a moment; a limit of hours is of one kind of call. */
  #limited(call: Call, { askedMs }: Failure): void {
    const waitMs = askedMs ?? 0
    this.#deps.observer('genesys_limited', { org: this.org, call: nameOf(call), waitMs })
    if (!this.#isLong(askedMs)) this.#governor.close(waitMs)
  }

  #isLong(askedMs: number | null): boolean {
    return askedMs !== null && askedMs > this.#options.longestWaitMs
  }

  #urlOf({ path, query = {} }: Call): URL {
    const url = new URL(path, this.#endpoints.api)
    if (url.origin !== this.#endpoints.api || !isPath(url.pathname)) throw this.#foreign(path)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value))
    return url
  }

  #foreign(uri: string): InletError {
    const host = URL.parse(uri)?.host ?? 'no URL'
    return new InletError('INL_GEN_FOREIGN_URL', { org: this.org, host })
  }
}

function requestOf({ method, body, signal }: Call, url: URL, token: string) {
  return {
    method,
    url,
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal,
  }
}

function isRepeatable({ method, repeatable }: Call): boolean {
  return repeatable ?? repeatableMethods.has(method)
}

function isPath(path: string): boolean {
  return path.startsWith('/api/v2/')
}

/**
 * Without what is asked for, which may be about a person, and without the id of a channel, which is
 * all that is needed to listen to it.
 */
function nameOf({ method, path }: Call): string {
  const named = path.replace(/\?.*$/s, '').replace(/(\/channels\/)[^/]+/, '$1{id}')
  return `${method} ${named}`
}

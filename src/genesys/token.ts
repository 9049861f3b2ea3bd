/**
 * The access token of a client of an organisation (OAuth client credentials).
 *
 * Guarantee: one request for a token at a time, whoever asks; a token is exchanged before it
 * expires. The client's id and secret are asked for anew each time, so that they may be exchanged.
 */
import type { Clock } from '../core/clock.ts'
import { InletError } from '../core/errors.ts'
import { viewJson } from '../event/json-view.ts'
import { loginFailureOf, objectOf } from './failures.ts'
import type { Endpoints } from './hosts.ts'
import type { Transport } from './transport.ts'

export interface Credentials {
  readonly clientId: string
  readonly clientSecret: string
}

export interface TokenDeps {
  readonly clock: Clock
  readonly transport: Transport
  readonly credentials: () => Promise<Credentials>
}

interface Token {
  readonly text: string
  /** On the monotonic clock. */
  readonly goodUntil: number
}

/** The shortest life that Genesys gives a token, for an answer that does not say. */
const SHORTEST_LIFE_S = 300
/** A token is exchanged so long before it expires, or a tenth of its life where that is less. */
const BEFORE_MS = 60_000

export class TokenSource {
  readonly #deps: TokenDeps
  readonly #org: string
  readonly #endpoints: Endpoints
  #token: Token | null = null
  #coming: Promise<Token> | null = null

  constructor(deps: TokenDeps, org: string, endpoints: Endpoints) {
    this.#deps = deps
    this.#org = org
    this.#endpoints = endpoints
  }

  async get(): Promise<string> {
    const held = this.#token
    if (held !== null && this.#deps.clock.elapsed() < held.goodUntil) return held.text
    this.#coming ??= this.#fetch().finally(() => {
      this.#coming = null
    })
    return (await this.#coming).text
  }

  /** Genesys takes it no more. Another that came meanwhile stays. */
  drop(text: string): void {
    if (this.#token?.text === text) this.#token = null
  }

  async #fetch(): Promise<Token> {
    const { clock, transport, credentials } = this.#deps
    const { clientId, clientSecret } = await credentials()
    const url = new URL('/oauth/token', this.#endpoints.login)
    const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64')
    const askedAt = clock.elapsed()
    const answer = await transport({
      method: 'POST',
      url,
      headers: {
        authorization: `Basic ${basic}`,
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
      },
      body: 'grant_type=client_credentials',
    })
    const call = 'POST /oauth/token'
    const asked = { org: this.#org, host: url.host, call, now: clock.now() }
    if (answer.status !== 200) throw loginFailureOf(answer, asked).error
    const body = objectOf(viewJson(answer.bytes))
    const text = body?.member('access_token')
    const seconds = body?.member('expires_in')
    if (typeof text !== 'string' || !/^[\x21-\x7e]{1,8192}$/.test(text))
      throw new InletError('INL_GEN_ANSWER', { host: url.host, reason: 'no token' })
    const lifeMs = 1000 * (isPositive(seconds) ? seconds : SHORTEST_LIFE_S)
    this.#token = { text, goodUntil: askedAt + lifeMs - Math.min(BEFORE_MS, lifeMs / 10) }
    return this.#token
  }
}

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && Number.isFinite(value)
}

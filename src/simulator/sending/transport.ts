/**
 * One POST at a time over connections that are kept open: sends the bytes, and says what came of
 * it. Nothing here rejects: an answer that never comes is a time-out, anything else a broken
 * connection.
 */
import * as http from 'node:http'
import * as https from 'node:https'
import type { Clock } from '../../core/clock.ts'
import { errorText } from '../../core/errors.ts'
import type { Delivery } from '../traffic/packing.ts'
import type { Attempt } from './contract.ts'
import { type Route, type Wire, wireFor } from './route.ts'

/** Of an answer, this much is kept: an outcome is shorter, a page of a proxy is of no use. */
const keptAnswer = 65_536
/** How often waiting requests are looked through: a time-out is that much late at most. */
const lookEveryMs = 25

interface Waiting {
  readonly until: number
  readonly expire: () => void
}

export class Transport {
  readonly #clock: Clock
  readonly #connections: number
  readonly #lines = new Map<string, Line>()
  /** So that a route is read once. */
  readonly #lineOfRoute = new WeakMap<Route, Line>()
  readonly #waiting = new Set<Waiting>()
  readonly #stopLooking: () => void

  /** `connections`: how many are open at once to each route. */
  constructor(deps: { readonly clock: Clock }, options: { readonly connections: number }) {
    this.#clock = deps.clock
    this.#connections = options.connections
    this.#stopLooking = deps.clock.every(lookEveryMs, () => this.#expire())
  }

  async attempt(route: Route, delivery: Delivery): Promise<Attempt> {
    const line = this.#lineOf(route)
    const { promise, resolve } = Promise.withResolvers<Attempt>()
    const request = post(line, delivery, resolve)
    const waiting = {
      until: this.#clock.elapsed() + route.contract.answerWithinMs,
      expire: () => {
        resolve({ kind: 'timeout' })
        request.destroy()
      },
    }
    this.#waiting.add(waiting)
    try {
      return await promise
    } finally {
      this.#waiting.delete(waiting)
    }
  }

  close() {
    this.#stopLooking()
    for (const { agent } of this.#lines.values()) agent.destroy()
  }

  /** Routes that say the same share their connections. */
  #lineOf(route: Route): Line {
    const known = this.#lineOfRoute.get(route)
    if (known !== undefined) return known
    const text = JSON.stringify(route)
    const line = this.#lines.get(text) ?? openLine(route, this.#clock, this.#connections)
    this.#lines.set(text, line)
    this.#lineOfRoute.set(route, line)
    return line
  }

  #expire() {
    const now = this.#clock.elapsed()
    for (const waiting of this.#waiting) if (waiting.until <= now) waiting.expire()
  }
}

interface Line {
  readonly agent: http.Agent
  readonly options: http.RequestOptions
  readonly wireOf: (delivery: Delivery) => Wire
  readonly request: typeof http.request
}

function openLine(route: Route, clock: Clock, maxSockets: number): Line {
  const { url, tls } = route
  const secure = url.protocol === 'https:'
  const pool = { keepAlive: true, maxSockets }
  const agent = secure ? new https.Agent({ ...pool, ...tls }) : new http.Agent(pool)
  const options = {
    method: 'POST',
    agent,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 443 : 80) : url.port,
    path: `${url.pathname}${url.search}`,
  }
  const request = secure ? https.request : http.request
  return { agent, options, wireOf: wireFor(route, clock), request }
}

function post(line: Line, delivery: Delivery, settle: (attempt: Attempt) => void) {
  const broken = (error: unknown) => settle({ kind: 'broken', detail: errorText(error) })
  const { headers, body } = line.wireOf(delivery)
  const options = { ...line.options, headers }
  const request = line.request(options, (response) => {
    let text = ''
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => {
      if (text.length < keptAnswer) text += chunk
    })
    response.on('end', () => settle(answered(response, text)))
    response.on('error', broken)
  })
  request.on('error', broken)
  request.end(body)
  return request
}

function answered(response: http.IncomingMessage, text: string): Attempt {
  const retryAfter = response.headers['retry-after'] ?? null
  return { kind: 'answered', status: response.statusCode ?? 0, retryAfter, text }
}

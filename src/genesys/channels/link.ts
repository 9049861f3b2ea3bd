/**
 * One connection to one channel: made where it is missing, opened, subscribed, and verified by
 * asking which topics it has. What comes over it is handed on as it came.
 *
 * Guarantee: nothing is sent to a server that is not of the organisation (`connectUri` is judged
 * first), no redirect is followed, and no message longer than `MESSAGE_BYTES` is held. Whoever
 * opens it is told of its end once, however it went, unless that was asked for.
 *
 * The address of a channel is all that is needed to read it: neither it nor the id that it ends in
 * may be told or written down.
 */
import WebSocket from 'ws'
import type { Clock } from '../../core/clock.ts'
import { errorText, hasCode, InletError } from '../../core/errors.ts'
import { textAt } from '../../event/fields.ts'
import { ArrayView, type JsonView, ObjectView } from '../../event/json-view.ts'
import type { GenesysClient } from '../client.ts'
import { objectOf } from '../failures.ts'
import { type Message, messageOf } from './messages.ts'
import type { GapReason } from './slot.ts'

const CHANNELS = '/api/v2/notifications/channels'
const HANDSHAKE_MS = 10_000
const MESSAGE_BYTES = 16 * 2 ** 20
/** The close frame of the other side says that nothing was lost before it; 1006 stands for none. */
const NO_CLOSE_FRAME = 1006

/** A channel of the organisation. */
export interface Channel {
  readonly id: string
  readonly connectUri: string
}

export interface LinkDeps {
  readonly client: GenesysClient
  readonly clock: Clock
}

export interface LinkOptions {
  readonly topics: readonly string[]
  /** That of the connection before; null for a new one. */
  readonly channel: Channel | null
}

export interface LinkEvents {
  readonly onMessage: (bytes: Buffer, kind: Message) => void
  /** It carries the topics but for those that were rejected. */
  readonly onVerified: (channel: Channel, rejected: readonly Rejected[], bornAt: number) => void
  readonly onLost: (reason: GapReason, detail: string) => void
}

export interface Rejected {
  readonly topic: string
  readonly reason: string
}

export interface Link {
  ping(): void
  /** What waits in the network stays there, until `resume`. */
  pause(): void
  resume(): void
  /** It is told of no more. */
  close(): void
}

export function openLink(deps: LinkDeps, options: LinkOptions, events: LinkEvents): Link {
  return new SocketLink(deps, options, events)
}

class SocketLink implements Link {
  readonly #deps: LinkDeps
  readonly #options: LinkOptions
  readonly #events: LinkEvents
  readonly #ending = new AbortController()
  #socket: WebSocket | null = null
  #isPaused = false

  constructor(deps: LinkDeps, options: LinkOptions, events: LinkEvents) {
    this.#deps = deps
    this.#options = options
    this.#events = events
    this.#open().catch((error: unknown) =>
      this.#lose(reasonOf(error), withoutAddress(errorText(error))),
    )
  }

  ping(): void {
    if (this.#socket?.readyState === WebSocket.OPEN)
      this.#socket.send('{"message":"ping"}', () => undefined)
  }

  pause(): void {
    this.#isPaused = true
    this.#socket?.pause()
  }

  resume(): void {
    this.#isPaused = false
    this.#socket?.resume()
  }

  close(): void {
    this.#ending.abort(new Error('it was closed'))
    this.resume()
    this.#socket?.close()
  }

  async #open(): Promise<void> {
    const { client, clock } = this.#deps
    const channel = this.#options.channel ?? (await this.#make())
    await this.#connect(client.own(channel.connectUri))
    const path = `${CHANNELS}/${encodeURIComponent(channel.id)}/subscriptions`
    const { signal } = this.#ending
    const bornAt = clock.elapsed()
    const body = this.#options.topics.map((id) => ({ id }))
    const query = { ignoreErrors: 'true' }
    const answer = await client.call({ method: 'PUT', path, query, body, signal, urgency: 'high' })
    const rejected = rejectedIn(answer.view)
    const held = await client.call({ method: 'GET', path, signal, urgency: 'high' })
    this.#verify(heldIn(held.view), rejected)
    if (!signal.aborted) this.#events.onVerified(channel, rejected, bornAt)
  }

  async #make(): Promise<Channel> {
    const { client } = this.#deps
    const { signal } = this.#ending
    const call = { method: 'POST', path: CHANNELS, signal, urgency: 'high' } as const
    const made = objectOf((await client.call(call)).view)
    const [id, connectUri] = [textAt(made, 'id'), textAt(made, 'connectUri')]
    if (id !== null && connectUri !== null) return { id, connectUri }
    throw new InletError('INL_GEN_CHANNEL', { org: client.org, reason: 'it was given no address' })
  }

  #connect(url: URL): Promise<void> {
    this.#ending.signal.throwIfAborted()
    const options = { handshakeTimeout: HANDSHAKE_MS, maxPayload: MESSAGE_BYTES }
    const socket = new WebSocket(url, { ...options, followRedirects: false })
    this.#socket = socket
    socket.once('open', () => {
      if (this.#isPaused) socket.pause()
    })
    socket.on('message', (data) => this.#take(bytesOf(data)))
    return new Promise((resolve, reject) => {
      let failure = ''
      socket.once('open', resolve)
      socket.on('error', (error) => {
        failure = withoutAddress(errorText(error))
        const { org } = this.#deps.client
        reject(new InletError('INL_GEN_CHANNEL', { org, reason: failure }))
      })
      socket.once('close', (code) => {
        if (code !== NO_CLOSE_FRAME) this.#events.onMessage(noBytes, 'alive')
        this.#lose('closed', failure || `it was closed (${code})`)
      })
    })
  }

  #take(bytes: Buffer): void {
    const kind = messageOf(bytes)
    this.#events.onMessage(bytes, kind)
    if (kind === 'gone') this.#lose('gone', 'the channel has expired or was taken away')
  }

  /** What is neither held nor rejected would be missing without a word. */
  #verify(held: ReadonlySet<string>, rejected: readonly Rejected[]): void {
    const without = new Set(rejected.map(({ topic }) => topic))
    const missing = this.#options.topics.filter((one) => !held.has(one) && !without.has(one))
    if (missing.length === 0) return
    const reason = `${missing.length} topics are not subscribed, such as ${missing[0]}`
    throw new InletError('INL_GEN_CHANNEL', { org: this.#deps.client.org, reason })
  }

  #lose(reason: GapReason, detail: string): void {
    if (this.#ending.signal.aborted) return
    this.close()
    this.#events.onLost(reason, detail)
  }
}

const noBytes = Buffer.alloc(0)

function reasonOf(error: unknown): GapReason {
  return hasCode(error, 'INL_GEN_NOT_FOUND') ? 'gone' : 'failed'
}

/** Messages of the network name the URL that they are about. */
function withoutAddress(text: string): string {
  return text.replace(/\b(wss?|https?):\/\/\S+/g, 'its address')
}

function bytesOf(data: WebSocket.RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data)
  return Buffer.isBuffer(data) ? data : Buffer.from(data)
}

function heldIn(view: JsonView | undefined): Set<string> {
  const held = entitiesIn(view).filter((one) => textAt(one, 'state') !== 'Rejected')
  return new Set(held.flatMap((one) => textAt(one, 'id') ?? []))
}

function rejectedIn(view: JsonView | undefined): Rejected[] {
  return entitiesIn(view).flatMap((one) => {
    const topic = textAt(one, 'id')
    if (topic === null || textAt(one, 'state') !== 'Rejected') return []
    const lacked = one.member('missingPermissions')
    const permissions = lacked instanceof ArrayView ? [...lacked.elements()] : []
    const names = permissions.map(({ value }) => String(value)).join(', ')
    return {
      topic,
      reason: `${textAt(one, 'rejectionReason') ?? 'no reason given'} ${names}`.trim(),
    }
  })
}

function entitiesIn(view: JsonView | undefined): ObjectView[] {
  const list = objectOf(view)?.member('entities')
  if (!(list instanceof ArrayView)) return []
  return [...list.elements()].flatMap(({ value }) => (value instanceof ObjectView ? value : []))
}

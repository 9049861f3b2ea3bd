/**
 * Notification channels of the simulated organisation, their REST side: at most 20 a client, where
 * another takes the place of the one that was used longest ago; at most 1,000 topics each; a day of
 * life, which each subscription begins anew.
 *
 * Source: documentation of the official SDK's NotificationsApi, and the official blog on event
 * streaming. What sockets do with them: ./sockets.ts.
 */
import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import { isArray, isObject, type JsonObject } from '../../event/json.ts'
import { templateOf } from '../../event/topics.ts'
import { isoTime } from '../render/rendered.ts'
import type { Asked, Reply, Route } from './exchange.ts'
import { badRequest, done, notFound, refusal } from './exchange.ts'
import type { Faults } from './gate.ts'
import { permissionOf } from './topics.ts'

export interface Channel {
  readonly id: string
  readonly clientId: string
  expiresAt: number
  usedAt: number
  isConnected: boolean
  readonly topics: Set<string>
}

export interface ChannelsDeps {
  readonly clock: Clock
  readonly random: Random
  readonly faults: Pick<Faults, 'missingPermissions'>
  /** Host and port of the server, once it listens. */
  readonly host: () => string
}

const base = '/api/v2/notifications/channels'
const LIFE_MS = 86_400_000
const MOST_CHANNELS = 20
const MOST_TOPICS = 1000

export class Channels {
  readonly #deps: ChannelsDeps
  readonly #held = new Map<string, Channel>()

  constructor(deps: ChannelsDeps) {
    this.#deps = deps
  }

  /** Null where there is none, or none any more. */
  find(id: string): Channel | null {
    const channel = this.#held.get(id)
    if (channel === undefined || channel.expiresAt > this.#deps.clock.now()) return channel ?? null
    this.#held.delete(id)
    return null
  }

  /** Those that have subscribed to the topic, also within `v2.users.x?presence&station`. */
  *subscribed(topic: string): Generator<Channel> {
    for (const channel of this.#held.values())
      if ([...channel.topics].some((one) => parted(one).includes(topic))) yield channel
  }

  routes(): Route[] {
    const subscriptions = `${base}/{id}/subscriptions`
    return [
      { method: 'POST', path: base, handle: (asked) => done(this.#told(this.#create(asked))) },
      {
        method: 'GET',
        path: base,
        handle: ({ clientId }) => done({ entities: this.#of(clientId).map((c) => this.#told(c)) }),
      },
      { method: 'HEAD', path: `${base}/{id}`, handle: (asked) => this.#with(asked, () => done()) },
      {
        method: 'GET',
        path: subscriptions,
        handle: (asked) => this.#with(asked, (channel) => done(listed(channel.topics))),
      },
      {
        method: 'DELETE',
        path: subscriptions,
        handle: (asked) =>
          this.#with(asked, (channel) => {
            channel.topics.clear()
            return done()
          }),
      },
      {
        method: 'POST',
        path: subscriptions,
        handle: (asked) => this.#with(asked, (channel) => this.#subscribe(channel, asked, false)),
      },
      {
        method: 'PUT',
        path: subscriptions,
        handle: (asked) => this.#with(asked, (channel) => this.#subscribe(channel, asked, true)),
      },
    ]
  }

  #create({ clientId }: Asked): Channel {
    const { clock, random } = this.#deps
    const own = this.#of(clientId)
    const oldest = own.toSorted(
      (one, other) =>
        Number(one.isConnected) - Number(other.isConnected) || one.usedAt - other.usedAt,
    )[0]
    if (own.length >= MOST_CHANNELS && oldest !== undefined) this.#held.delete(oldest.id)
    const now = clock.now()
    const id = `streaming-0-${random.uuid().slice(0, 13)}`
    const channel = {
      ...{ id, clientId, usedAt: now, expiresAt: now + LIFE_MS, isConnected: false },
      topics: new Set<string>(),
    }
    this.#held.set(id, channel)
    return channel
  }

  #of(clientId: string): Channel[] {
    return [...this.#held.values()].filter((one) => one.clientId === clientId)
  }

  #told({ id, expiresAt }: Channel): JsonObject {
    const connectUri = `ws://${this.#deps.host()}/channels/${id}`
    return { connectUri, id, expires: isoTime(expiresAt) }
  }

  #with({ params: { id = '' }, clientId }: Asked, then: (channel: Channel) => Reply): Reply {
    const channel = this.find(id)
    return channel?.clientId === clientId ? then(channel) : notFound(id)
  }

  #subscribe(channel: Channel, { body, query }: Asked, isWhole: boolean): Reply {
    if (!isArray(body)) return badRequest('A list of topics is required.')
    const asked = body.map((one) => String(isObject(one) ? one['id'] : one))
    const judged = asked.map((topic) => this.#judge(topic))
    const rejected = judged.filter(({ state }) => state === 'Rejected')
    const [first] = rejected
    if (first !== undefined && query.get('ignoreErrors') !== 'true') return rejection(first)
    const good = asked.filter((_, index) => judged[index]?.state === 'Permitted')
    const topics = new Set([...(isWhole ? [] : channel.topics), ...good])
    if (topics.size > MOST_TOPICS)
      return badRequest(`A channel may have no more than ${MOST_TOPICS} topics.`)
    channel.topics.clear()
    for (const topic of topics) channel.topics.add(topic)
    const now = this.#deps.clock.now()
    Object.assign(channel, { usedAt: now, expiresAt: now + LIFE_MS })
    return done({ entities: [...listed(topics).entities, ...rejected] })
  }

  #judge(topic: string): Judged {
    const known = topic.length < 200 && parted(topic).every((one) => templateOf(one) !== null)
    if (!known) return { id: topic, state: 'Rejected', rejectionReason: 'Invalid topic.' }
    const { missingPermissions } = this.#deps.faults
    const missing = parted(topic).flatMap((one) => permissionOf(one) ?? [])
    const lacked = missing.filter((one) => missingPermissions.includes(one))
    if (lacked.length === 0) return { id: topic, state: 'Permitted' }
    const rejectionReason = 'Missing permissions.'
    return { id: topic, state: 'Rejected', rejectionReason, missingPermissions: lacked }
  }
}

type Judged = {
  readonly id: string
  readonly state: 'Permitted' | 'Rejected'
  readonly rejectionReason?: string
  readonly missingPermissions?: readonly string[]
}

function rejection({ id, missingPermissions }: Judged): Reply {
  if (missingPermissions === undefined) return badRequest(`The topic ${id} is invalid.`)
  const message = `You are missing the following permission(s): ${missingPermissions.join(', ')}`
  return refusal(403, 'missing.permissions', message)
}

function listed(topics: ReadonlySet<string>) {
  return { entities: [...topics].map((id) => ({ id, state: 'Permitted' })) }
}

/** The topics that a combined one stands for. */
function parted(topic: string): string[] {
  const [whole = '', parts] = topic.split('?')
  return parts === undefined ? [whole] : parts.split('&').map((part) => `${whole}.${part}`)
}

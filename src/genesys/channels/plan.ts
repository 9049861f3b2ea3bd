/**
 * Which topics a configuration asks for, and which channel carries which. Pure.
 *
 * Genesys Cloud knows no wildcards: a topic names one user or one queue. An OAuth client may have
 * 20 channels of 1,000 topics each, where the 21st takes the place of the one that was used longest
 * ago; so one is kept free, for whatever takes the place of another while both are open.
 *
 * Source: documentation of the official SDK's NotificationsApi, and the official blog on event
 * streaming.
 */
import { InletError } from '../../core/errors.ts'

export const TOPICS_A_CHANNEL = 1000
export const MOST_CHANNELS = 20
/** At once, of one OAuth client. */
export const MOST_PLANNED = MOST_CHANNELS - 1
export const MOST_TOPICS = MOST_PLANNED * TOPICS_A_CHANNEL

/** What is asked for where nothing else is said. */
export const usualTopics: readonly string[] = [
  'v2.users.{id}.presence',
  'v2.users.{id}.routingStatus',
  'v2.users.{id}.conversations',
  'v2.routing.queues.{id}.conversations',
  'v2.analytics.queues.{id}.observations',
]

export interface Wanted {
  readonly users: readonly string[]
  readonly queues: readonly string[]
  /** Templates such as `v2.users.{id}.presence`, and topics that name one thing. */
  readonly topics: readonly string[]
}

export type TopicSubject = 'user' | 'queue' | 'one' | null

/** Whose id a template lacks; `one`: nobody's; null: what cannot be listed here. */
export function subjectOf(topic: string): TopicSubject {
  const places = topic.split('{id}').length - 1
  if (places === 0) return 'one'
  if (places > 1) return null
  if (/\busers\.\{id\}/.test(topic)) return 'user'
  return /\bqueues\.\{id\}/.test(topic) ? 'queue' : null
}

/** Each topic once. */
export function topicsOf({ users, queues, topics }: Wanted): string[] {
  const idsOf = { user: users, queue: queues }
  const all = topics.flatMap((topic) => {
    const subject = subjectOf(topic)
    if (subject === null || subject === 'one') return topic
    return idsOf[subject].map((id) => topic.replace('{id}', id))
  })
  return [...new Set(all)]
}

/**
 * The topics of each channel. What is in `before` stays in its channel, so that a user who comes or
 * goes changes one of them. Throws INL_GEN_TOPICS where they are too many.
 */
export function planChannels(
  org: string,
  topics: readonly string[],
  before: readonly (readonly string[])[] = [],
): string[][] {
  const most = MOST_TOPICS
  if (topics.length > most)
    throw new InletError('INL_GEN_TOPICS', { org, topics: topics.length, most })
  const wanted = new Set(topics)
  const channels = before.map((held) => held.filter((topic) => wanted.delete(topic)))
  for (const topic of wanted) {
    const roomy = channels.find((held) => held.length < TOPICS_A_CHANNEL)
    if (roomy === undefined) channels.push([topic])
    else roomy.push(topic)
  }
  return channels
}

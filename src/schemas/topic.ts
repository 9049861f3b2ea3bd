/**
 * Under which name a schema is kept: the topic template of an event, or where its dialect has no
 * topics its event type. The names are few: topics outside of the official list give up their ids.
 */
import { guessTemplate, templateOf } from '../event/topics.ts'

export interface Subject {
  readonly dialect: string
  readonly topic: string | null
  readonly eventType: string
}

/** Their event types are nobody else's: a body of another dialect cannot claim to be one. */
const ownTypes: ReadonlySet<string> = new Set([
  'analytics-notification',
  'event-subscription',
  'conversation-detail',
])

/**
 * `v2.users.{id}.presence`, `interaction`, `conversation.detail`; of a dialect whose event types
 * are not its own, `generic:order.placed`.
 */
export function schemaTopic({ dialect, topic, eventType }: Subject): string {
  if (topic !== null && topic !== '') return templateOf(topic) ?? guessTemplate(topic)
  return hasOwnTypes(dialect) ? eventType : `${dialect}:${eventType}`
}

export function hasOwnTypes(dialect: string): boolean {
  return ownTypes.has(dialect)
}

/**
 * What a message of a channel is: an event, or a word about the channel itself. Pure and total.
 *
 * Whatever is not known to be such a word counts as an event, so that nothing is left out that is
 * not understood. Source of the words: the handlers of the official SDKs (`channel.metadata`,
 * `v2.system.socket_closing`), their models of `v2.system.*` topics, and threads of the developers'
 * forum for answers in the socket (`{"result":"404"}`).
 */
import { objectAt, textAt } from '../../event/fields.ts'
import { ObjectView, viewJson } from '../../event/json-view.ts'

export type Message =
  | 'event'
  /** A heartbeat, or an answer to a ping. */
  | 'alive'
  /** The server goes away within about a minute. */
  | 'closing'
  /** The channel has expired, or its topics or its token were taken from it. */
  | 'gone'

export function messageOf(bytes: Buffer): Message {
  const view = viewJson(bytes)
  if (!(view instanceof ObjectView)) return 'event'
  const topic = textAt(view, 'topicName')
  if (topic === null) return answerOf(view)
  if (topic === 'channel.metadata' || topic === 'v2.subscription.updated') return 'alive'
  if (!topic.startsWith('v2.system.')) return 'event'
  if (topic.startsWith('v2.system.socket_closing')) return 'closing'
  const type = textAt(objectAt(view, 'eventBody'), 'systemTopicType') ?? topic
  return /no_longer_subscribed|token_revoked/.test(type) ? 'gone' : 'alive'
}

function answerOf(view: ObjectView): Message {
  const result = view.member('result')
  if (result === undefined || view.has('eventBody')) return 'event'
  return String(result) === '404' ? 'gone' : 'alive'
}

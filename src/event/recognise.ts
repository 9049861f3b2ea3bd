/**
 * What the body of one event says of itself: its dialect, identity, type, time and conversation.
 *
 * Guarantee: pure, and total. Whatever an object holds, it is recognised as something and nothing
 * throws; what cannot be read is null. Nothing is decided here: no event is refused or dropped.
 */
import { analyticsNotification } from './dialects/analytics-notification.ts'
import { conversationDetail } from './dialects/conversation-detail.ts'
import type { DialectReader, RecogniseOptions } from './dialects/dialect.ts'
import { eventSubscription } from './dialects/event-subscription.ts'
import { eventbridge } from './dialects/eventbridge.ts'
import { generic } from './dialects/generic.ts'
import { notification } from './dialects/notification.ts'
import { unknown } from './dialects/unknown.ts'
import type { Recognised } from './envelope.ts'
import { derivedId } from './identity.ts'
import type { ObjectView } from './json-view.ts'

export type { RecogniseOptions } from './dialects/dialect.ts'

/**
 * The first that matches reads. The most telling shapes come first: an EventBridge event wraps a
 * notification, and both may carry members that the guides' payloads are told by.
 */
const readers: readonly DialectReader[] = [
  eventbridge,
  notification,
  analyticsNotification,
  eventSubscription,
  conversationDetail,
  generic,
]

/**
 * `slice` holds the bytes that `value` was parsed from; they are read only where an id is derived.
 */
export function recognise(
  value: ObjectView,
  slice: Uint8Array,
  options: RecogniseOptions,
): Recognised {
  const reader = readerOf(value, options)
  const { dialect } = reader
  const { id, orgId, topic, eventType, time, conversationId } = reader.read(value, options)
  const eventTimeSource = time?.source ?? 'received_at'
  return {
    dialect,
    eventId: id ?? derivedId({ dialect, topic, eventTimeSource }, slice),
    timeless: id === null && time === null,
    orgId,
    topic,
    eventType,
    eventTime: time?.at ?? null,
    eventTimeSource,
    conversationId,
  }
}

function readerOf(value: ObjectView, options: RecogniseOptions): DialectReader {
  const { dialects } = options
  for (const reader of readers) {
    const isRead = dialects === undefined || dialects.includes(reader.dialect)
    if (isRead && reader.matches(value, options)) return reader
  }
  return unknown
}

/**
 * Guide A: the analytics notification of a webhook.
 *
 * `{"notificationId":"...","timestamp":"...","eventType":"interaction",
 * "data":{"interactionId":"..."}}`
 *
 * Without its id it is told by `eventType` and `data`.
 */
import { knownType } from '../event-types.ts'
import { firstId, idAt, objectAt, textAt, usableText } from '../fields.ts'
import type { ObjectView } from '../json-view.ts'
import { findTime, timePlaces } from '../time.ts'
import type { DialectReader, RecogniseOptions } from './dialect.ts'

const places = timePlaces('timestamp')

export const analyticsNotification: DialectReader = {
  dialect: 'analytics-notification',
  matches: (value) =>
    value.has('notificationId') || (textAt(value, 'eventType') !== null && value.has('data')),
  read: (value, options) => ({
    id: idAt(value, 'notificationId') ?? compositeId(value, options),
    orgId: null,
    topic: null,
    eventType: knownType(textAt(value, 'eventType'), options.eventTypes),
    time: findTime(value, places),
    conversationId: firstId(objectAt(value, 'data'), ['interactionId', 'conversationId']),
  }),
}

function compositeId(value: ObjectView, options: RecogniseOptions): string | null {
  if (options.compositeIdentity !== true) return null
  const interaction = idAt(objectAt(value, 'data'), 'interactionId')
  const eventType = textAt(value, 'eventType')
  if (interaction === null || eventType === null) return null
  return usableText(`${interaction}:${eventType}`)
}

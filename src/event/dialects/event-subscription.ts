/**
 * Guide B: the message of an event subscription.
 *
 * `{"messageId":"...","eventType":"call.event","timestamp":"...","contact":{"id":"..."},
 * "agent":{...},"queue":{...},"callStartTime":"..."}`
 *
 * Without its id it is told by a type beside a contact, an agent or a queue. The contact's id is
 * the id of the conversation where the message has none of its own.
 */
import { knownType } from '../event-types.ts'
import { firstId, firstText, idAt, objectAt } from '../fields.ts'
import { findTime, timePlaces } from '../time.ts'
import type { DialectReader } from './dialect.ts'

const places = timePlaces('timestamp', 'eventTime', 'callStartTime')
const typeNames = ['eventType', 'event', 'type']
const parts = ['contact', 'agent', 'queue']

export const eventSubscription: DialectReader = {
  dialect: 'event-subscription',
  matches: (value) =>
    value.has('messageId') ||
    (firstText(value, typeNames) !== null && parts.some((part) => objectAt(value, part) !== null)),
  read: (value, options) => ({
    id: idAt(value, 'messageId'),
    orgId: null,
    topic: null,
    eventType: knownType(firstText(value, typeNames), options.eventTypes),
    time: findTime(value, places),
    conversationId:
      firstId(value, ['conversationId', 'interactionId']) ?? idAt(objectAt(value, 'contact'), 'id'),
  }),
}

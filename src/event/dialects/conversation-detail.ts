/**
 * A conversation as the Analytics API tells it (details query, details jobs).
 *
 * `{"conversationId":"...","conversationStart":"...","conversationEnd":"...","participants":[...]}`
 *
 * It has no id of its own: an open or corrected conversation is told again under the same
 * conversationId, and each telling is an event.
 */
import { idAt } from '../fields.ts'
import { ArrayView } from '../json-view.ts'
import { findTime, timePlaces } from '../time.ts'
import type { DialectReader } from './dialect.ts'

const places = timePlaces('conversationStart', 'conversationEnd')

export const conversationDetail: DialectReader = {
  dialect: 'conversation-detail',
  matches: (value) =>
    idAt(value, 'conversationId') !== null &&
    value.has('conversationStart') &&
    value.member('participants') instanceof ArrayView,
  read: (value) => ({
    id: null,
    orgId: null,
    topic: null,
    eventType: 'conversation.detail',
    time: findTime(value, places),
    conversationId: idAt(value, 'conversationId'),
  }),
}

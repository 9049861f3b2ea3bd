/** A JSON object of no known shape: an event too, kept whole, about which nothing is guessed. */
import { otherType } from '../event-types.ts'
import type { DialectReader } from './dialect.ts'

export const unknown: DialectReader = {
  dialect: 'unknown',
  matches: () => true,
  read: () => ({
    id: null,
    orgId: null,
    topic: null,
    eventType: otherType,
    time: null,
    conversationId: null,
  }),
}

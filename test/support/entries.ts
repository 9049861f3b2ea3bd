/** Entries for tests: small, distinct, and told apart by their number. */
import { createHash } from 'node:crypto'
import type { EventEntry } from '../../src/journal/entry.ts'

export function eventEntry(
  number: number,
  fields: { body?: string; id?: string } = {},
): EventEntry {
  const body = Buffer.from(fields.body ?? JSON.stringify({ messageId: `event-${number}`, number }))
  return {
    kind: 'event',
    envelope: {
      dialect: 'event-subscription',
      eventId: fields.id ?? `event-${number}`,
      timeless: false,
      orgId: null,
      topic: null,
      eventType: 'call.event',
      eventTime: 1_700_000_000_000 + number,
      eventTimeSource: 'timestamp',
      conversationId: `conversation-${number % 7}`,
      source: 'test',
      sender: 'tester',
      headers: '{"content-type":"application/json"}',
      receivedAt: 1_760_000_000_000 + number,
      body,
      bodySha256: createHash('sha256').update(body).digest(),
    },
  }
}

/** Deliveries as the door journals them, each told by its id and its bytes. */
import { createHash } from 'node:crypto'
import type { Envelope } from '../../src/event/envelope.ts'
import type { EventEntry, RepeatEntry } from '../../src/journal/entry.ts'
import { eventEntry } from './entries.ts'

export const NOON = Date.UTC(2026, 0, 1, 12)
export const MINUTE = 60_000
export const DAY = 86_400_000

export function event(id: string, body: string, change: Partial<Envelope> = {}): EventEntry {
  const { envelope } = eventEntry(0)
  const bytes = Buffer.from(body)
  return {
    kind: 'event',
    envelope: {
      ...envelope,
      eventId: id,
      body: bytes,
      bodySha256: createHash('sha256').update(bytes).digest(),
      receivedAt: NOON,
      eventTime: NOON,
      ...change,
    },
  }
}

export function repeat(of: EventEntry, firstPosition: number): RepeatEntry {
  return { kind: 'repeat', envelope: { ...of.envelope, body: Buffer.alloc(0) }, firstPosition }
}

export function observation(value: number, receivedAt: number): EventEntry {
  const change = { timeless: true, eventTime: null, eventTimeSource: 'received_at', receivedAt }
  return event(`content-of-${value}`, `{"waiting":${value}}`, change)
}

/**
 * What Inlet knows of an event: what its body says of itself, and what the door adds.
 *
 * Times are milliseconds since the Unix epoch. Everything here is read from untrusted input: every
 * text is as the body has it, except `eventType`, which is always from the catalogue
 * (./event-types.ts).
 */

export const dialects = [
  'analytics-notification',
  'event-subscription',
  'eventbridge',
  'notification',
  'conversation-detail',
  'generic',
  'unknown',
] as const
export type Dialect = (typeof dialects)[number]

/** How a delivery is treated under overload; a batch takes its highest element's. */
export type Priority = 'high' | 'normal' | 'low'

/** What the body of one event says of itself. The result of recognising it; see ./recognise.ts. */
export interface Recognised {
  readonly dialect: Dialect
  /**
   * The identity of the event within its scope; derived from the content where the body has none.
   */
  readonly eventId: string
  /**
   * True when the identity is derived from content that carries no time of its own (observations):
   * it then names the same event only when repeated within a short while, which the loader decides.
   */
  readonly timeless: boolean
  readonly orgId: string | null
  /**
   * The concrete Genesys topic, such as `v2.users.<id>.presence`; null in dialects without topics.
   */
  readonly topic: string | null
  readonly eventType: string
  /** Null where the body has no readable time; the receipt time then stands in for it. */
  readonly eventTime: number | null
  /**
   * The field that the time came from, such as `detail.eventBody.eventTime`; `received_at` for
   * none.
   */
  readonly eventTimeSource: string
  readonly conversationId: string | null
}

/** An accepted event with its metadata and untouched body. */
export interface Envelope extends Recognised {
  readonly source: string
  /** The proven identity of who delivered it. */
  readonly sender: string
  /**
   * Allow-listed request headers as the text of a JSON object; the same text for a whole request.
   */
  readonly headers: string
  readonly receivedAt: number
  /** The exact slice of the decoded request. */
  readonly body: Uint8Array
  /** SHA-256 of `body`, 32 bytes. */
  readonly bodySha256: Uint8Array
}

/**
 * How senders retry, as data: what decides which answers are safe to give and how long an event may
 * come again.
 */
import { z } from 'zod'
import { parseDuration } from '../../core/units.ts'
import { duration } from './kinds.ts'

export type RetriedStatus = number | '4xx' | '5xx'

export interface Contract {
  readonly retriedStatuses: readonly RetriedStatus[]
  /** Ms from the first delivery of an event to the last that can come. */
  readonly retryWindow: number
  /** Ms in which the sender wants an answer. */
  readonly answerWithin: number
}

interface Preset extends Contract {
  /** How `retryWindow` comes about, for messages. */
  readonly arithmetic: string
}

const all4xxBut413 = Array.from({ length: 100 }, (_, index) => 400 + index).filter(
  (one) => one !== 413,
)

/**
 * Sources:
 * - guide-webhook: the webhook guide: an answer within two seconds; 5xx and time-outs are tried
 *   again at most five times, with exponential back-off from 60 seconds on; 4xx never
 * - eventbridge: AWS, "Event retry policy" (24 hours or 185 attempts) and "API destinations" (five
 *   seconds; 401, 407, 409, 429 and 5xx are tried again); Genesys itself keeps events that AWS does
 *   not take for up to four days
 * - firehose: AWS, "HTTP endpoint delivery request and response specifications" (three minutes; 413
 *   loses the batch, other failures are tried again) and `HttpEndpointRetryOptions` (at most 7,200
 *   s)
 */
export const presets = {
  'guide-webhook': {
    retriedStatuses: ['5xx'],
    retryWindow: parseDuration('31m'),
    arithmetic: '1m + 2m + 4m + 8m + 16m',
    answerWithin: parseDuration('2s'),
  },
  eventbridge: {
    retriedStatuses: [401, 407, 409, 429, '5xx'],
    retryWindow: parseDuration('24h') + parseDuration('4d'),
    arithmetic: '24h at AWS + 4d at Genesys',
    answerWithin: parseDuration('5s'),
  },
  firehose: {
    retriedStatuses: [...all4xxBut413, '5xx'],
    retryWindow: parseDuration('2h'),
    arithmetic: 'the longest retry duration of a delivery stream',
    answerWithin: parseDuration('3m'),
  },
} as const satisfies Record<string, Preset>

const presetNames = ['guide-webhook', 'eventbridge', 'firehose'] as const
type PresetName = (typeof presetNames)[number]

const status = z.union([z.enum(['4xx', '5xx']), z.int().min(400).max(599)]).meta({
  title: 'an HTTP status from 400 to 599, "4xx" or "5xx"',
  description: 'A status, or a hundred of them.',
  examples: ['5xx'],
})

const ownContract = z.strictObject({
  retriedStatuses: z
    .array(status)
    .max(100)
    .meta({
      title: 'a list of statuses',
      description: 'The answers after which the sender tries again.',
      examples: ['[5xx, 429]'],
    }),
  retryWindow: duration({
    description: 'The longest time from the first delivery of an event to its last.',
    example: '31m',
    min: '0s',
    max: '30d',
  }),
  answerWithin: duration({
    description: 'How long the sender waits for an answer.',
    example: '2s',
    min: '100ms',
    max: '10m',
  }),
})

export const contract = z.union([z.enum(presetNames), ownContract]).meta({
  title: `${presetNames.join(', ')} or a contract of your own`,
  description: [
    'How the sender retries.',
    '`guide-webhook`: 5xx, for 31m. `eventbridge`: an API destination, for 24h and 4d at Genesys.',
    '`firehose`: an HTTP endpoint destination, for 2h.',
  ].join(' '),
  examples: ['eventbridge'],
})

export function contractOf(chosen: PresetName | Contract): Contract {
  return typeof chosen === 'string' ? presets[chosen] : chosen
}

/** True where the sender tries a delivery again that was answered 429. */
export function retriesTooMany({ retriedStatuses }: Contract): boolean {
  return retriedStatuses.some((status) => status === 429 || status === '4xx')
}

/** Such as `contract eventbridge: 24h at AWS + 4d at Genesys`. */
export function contractText(chosen: PresetName | Contract): string {
  return typeof chosen === 'string'
    ? `contract ${chosen}: ${presets[chosen].arithmetic}`
    : 'contract.retryWindow'
}

/**
 * How a sender retries, as data: the two that Genesys events come by.
 *
 * Sources: the guides (answer within two seconds; 5xx, time-outs and broken connections are tried
 * again with exponential back-off, at most five times from 60 seconds on; 4xx never), and the AWS
 * documentation of API destinations (five seconds; 401, 407, 409, 429, 5xx and time-outs are tried
 * again for 24 hours or 185 times; everything else goes to the dead-letter queue at once;
 * Retry-After is a least wait).
 */
import type { Backoff } from '../../core/backoff.ts'

export type StatusPattern = number | '5xx'

export interface RetryContract {
  readonly name: string
  /** Ms from the start of a request to the end of its answer. */
  readonly answerWithinMs: number
  /** Time-outs and broken connections are always tried again. */
  readonly retriedStatuses: readonly StatusPattern[]
  /** How often in all, the first try included. */
  readonly tries: number
  /** Ms after the first try in which another may begin. */
  readonly giveUpAfterMs: number
  readonly backoff: Backoff
}

const minute = 60_000

export const guideWebhook: RetryContract = {
  name: 'guide-webhook',
  answerWithinMs: 2000,
  retriedStatuses: ['5xx'],
  tries: 6,
  giveUpAfterMs: Number.POSITIVE_INFINITY,
  backoff: { baseMs: minute, maxMs: 16 * minute },
}

export const eventBridgeDestination: RetryContract = {
  name: 'eventbridge',
  answerWithinMs: 5000,
  retriedStatuses: [401, 407, 409, 429, '5xx'],
  tries: 186,
  giveUpAfterMs: 24 * 60 * minute,
  backoff: { baseMs: 1000, maxMs: 15 * minute },
}

/** What came of one request. */
export type Attempt =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly retryAfter: string | null
      readonly text: string
    }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'broken'; readonly detail: string }

export type Verdict = 'acknowledged' | 'retry' | 'give-up'

export function judge(contract: RetryContract, attempt: Attempt): Verdict {
  if (attempt.kind !== 'answered') return 'retry'
  const { status } = attempt
  if (status >= 200 && status < 300) return 'acknowledged'
  const retried = contract.retriedStatuses.some((pattern) =>
    pattern === '5xx' ? status >= 500 && status < 600 : status === pattern,
  )
  return retried ? 'retry' : 'give-up'
}

/** A short stable text, such as `status 404`. */
export function attemptText(attempt: Attempt): string {
  if (attempt.kind === 'answered') return `status ${attempt.status}`
  return attempt.kind === 'timeout' ? 'no answer in time' : `broken connection: ${attempt.detail}`
}

/**
 * The least wait that a Retry-After header asks for, ms; 0 where there is none that can be read.
 */
export function retryAfterMs(header: string | null, now: number): number {
  if (header === null) return 0
  if (/^\d+$/.test(header)) return Number(header) * 1000
  const at = Date.parse(header)
  return Number.isNaN(at) ? 0 : Math.max(0, at - now)
}

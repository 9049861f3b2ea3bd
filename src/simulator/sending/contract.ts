/**
 * How a sender retries, as data: those that Genesys events come by.
 *
 * Sources: the guides (answer within two seconds; 5xx, time-outs and broken connections are tried
 * again with exponential back-off, at most five times from 60 seconds on; 4xx never), and the AWS
 * documentation of API destinations (five seconds; 401, 407, 409, 429, 5xx and time-outs are tried
 * again for 24 hours or 185 times; everything else goes to the dead-letter queue at once;
 * Retry-After is a least wait), and of Firehose HTTP endpoints (three minutes; only 200 with the
 * request id counts; 413 loses the batch; anything else is tried again for the stream's retry
 * duration).
 */
import type { Backoff } from '../../core/backoff.ts'
import { isObject, parseJson } from '../../event/json.ts'

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
  /** Left out: the events themselves, and any 2xx acknowledges them. */
  readonly form?: 'firehose'
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

export const firehoseDestination: RetryContract = {
  name: 'firehose',
  answerWithinMs: 3 * minute,
  retriedStatuses: Array.from({ length: 500 }, (_, index) => 100 + index).filter(
    (status) => status !== 413,
  ),
  tries: Number.POSITIVE_INFINITY,
  giveUpAfterMs: 120 * minute,
  backoff: { baseMs: 1000, maxMs: 2 * minute },
  form: 'firehose',
}

export interface Answered {
  readonly kind: 'answered'
  readonly status: number
  readonly retryAfter: string | null
  readonly text: string
}

/** What came of one request. */
export type Attempt =
  | Answered
  | { readonly kind: 'timeout' }
  | { readonly kind: 'broken'; readonly detail: string }

export type Verdict = 'acknowledged' | 'retry' | 'give-up'

export function judge(contract: RetryContract, attempt: Attempt): Verdict {
  if (attempt.kind !== 'answered') return 'retry'
  const { status } = attempt
  if (isTaken(contract, attempt)) return 'acknowledged'
  const retried = contract.retriedStatuses.some((pattern) =>
    pattern === '5xx' ? status >= 500 && status < 600 : status === pattern,
  )
  return retried ? 'retry' : 'give-up'
}

function isTaken({ form }: RetryContract, { status, text }: Answered): boolean {
  if (form !== 'firehose') return status >= 200 && status < 300
  const body = status === 200 ? parseJson(text) : undefined
  return isObject(body) && typeof body['requestId'] === 'string'
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

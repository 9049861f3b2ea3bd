/** What senders are answered: outcomes of what is durable, and problem documents (RFC 9457). */
import { STATUS_CODES } from 'node:http'
import type { InletError } from '../core/errors.ts'
import type { Random } from '../core/random.ts'
import type { Answer } from './http/answer.ts'
import type { Receipt } from './intake.ts'
import { RETRY_AFTER } from './overload/admission.ts'
import { deferralReason } from './overload/deferral.ts'

export type { Answer }

export const healthy = answer(200, { status: 'ok' })
export const unhealthy = answer(503, { status: 'unavailable' })
const stored = answer(200, { outcome: 'stored' })
const duplicate = answer(200, { outcome: 'duplicate' })
const quarantined = answer(202, { outcome: 'quarantined' })
const filtered = answer(200, { outcome: 'filtered' })
const shed = answer(200, { outcome: 'shed' })

export function answerTo(receipt: Receipt): Answer {
  if (receipt.batch) return batch(receipt)
  if (receipt.stored > 0) return stored
  if (receipt.filtered > 0) return filtered
  if (receipt.shed.length > 0) return shed
  return receipt.duplicate > 0 ? duplicate : quarantined
}

function batch(receipt: Receipt): Answer {
  const { stored, duplicate, quarantined, filtered } = receipt
  const shed = receipt.shed.length
  const left = { ...(filtered > 0 && { filtered }), ...(shed > 0 && { shed }) }
  return answer(200, { outcome: 'batch', stored, duplicate, quarantined, ...left })
}

/** What a refusal may have to say beside its code. */
export interface RefusalFacts {
  /** Methods that the path takes. */
  readonly allow: string
  /** Of the source: the proofs that it asks for. */
  readonly challenges: readonly string[]
  /** How a deferral is answered: 429 where the sender tries that again. */
  readonly deferStatus: 429 | 503
  readonly retryAfterSeconds: number
}

export interface Blame {
  readonly status: number
  /** Shown to the sender. */
  readonly detail: string
  /** Seconds, at the least, after which to come again; null where that is of no use. */
  readonly retryAfter: number | null
}

/**
 * The status is the error's where that blames the sender; everything else is a fault of ours or a
 * deferral, which is 503 whatever it was, or 429 where that may be. The text of an error is only
 * shown where it speaks of the request.
 */
export function blameOf(error: InletError, { deferStatus }: RefusalFacts): Blame {
  const isOurs = error.disposition !== 'reject' || error.status === null
  const ourStatus = deferralReason(error) === null ? 503 : deferStatus
  const retryAfter = Number(error.details[RETRY_AFTER] ?? 1)
  return isOurs
    ? { status: ourStatus, detail: 'The delivery was not taken. Send it again.', retryAfter }
    : { status: error.status ?? 503, detail: error.message, retryAfter: null }
}

export function refusal(error: InletError, facts: RefusalFacts, random: Random): Answer {
  const blame = blameOf(error, facts)
  const { status, detail } = blame
  const title = STATUS_CODES[status]
  const problem = { type: 'about:blank', title, status, code: error.code, detail }
  const headers = headersOf(blame, facts, random)
  return answer(status, problem, { type: 'application/problem+json', headers })
}

/** What a refusal asks for beside itself. Senders that are refused together come back spread. */
export function headersOf(blame: Blame, facts: RefusalFacts, random: Random): string[] {
  const { status, retryAfter } = blame
  if (retryAfter !== null)
    return ['Retry-After', String(retryAfter + random.below(facts.retryAfterSeconds))]
  if (status === 401)
    return facts.challenges.flatMap((challenge) => ['WWW-Authenticate', challenge])
  if (status === 405) return ['Allow', facts.allow]
  if (status === 415) return ['Accept-Encoding', 'gzip, identity']
  return []
}

/** JSON, whose type is `application/json` unless it says otherwise. */
export function answer(
  status: number,
  content: object,
  { type = 'application/json', headers = [] }: { type?: string; headers?: string[] } = {},
): Answer {
  const body = JSON.stringify(content)
  const length = String(Buffer.byteLength(body))
  return { status, headers: ['Content-Type', type, 'Content-Length', length, ...headers], body }
}

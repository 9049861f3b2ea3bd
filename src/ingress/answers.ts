/**
 * What senders are answered: outcomes of what was made durable, and problem documents (RFC 9457).
 *
 * Bodies are texts, because Node sends a text and its head in one write, and a Buffer in two.
 */
import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { InletError } from '../core/errors.ts'
import type { Random } from '../core/random.ts'
import type { Receipt } from './intake.ts'

export interface Answer {
  readonly status: number
  /** Names and values by turns, as `writeHead` takes them. */
  readonly headers: string[]
  readonly body: string
}

export const healthy = answer(200, { status: 'ok' })
const stored = answer(200, { outcome: 'stored' })
const duplicate = answer(200, { outcome: 'duplicate' })
const quarantined = answer(202, { outcome: 'quarantined' })
const filtered = answer(200, { outcome: 'filtered' })

export function answerTo(receipt: Receipt): Answer {
  if (receipt.batch) return batch(receipt)
  if (receipt.stored > 0) return stored
  if (receipt.filtered > 0) return filtered
  return receipt.duplicate > 0 ? duplicate : quarantined
}

function batch(receipt: Receipt): Answer {
  const { stored, duplicate, quarantined, filtered } = receipt
  const left = filtered === 0 ? {} : { filtered }
  return answer(200, { outcome: 'batch', stored, duplicate, quarantined, ...left })
}

/** What a refusal may have to say beside its code. */
export interface RefusalFacts {
  /** Methods that the path takes. */
  readonly allow: string
  /** Of the source: the proofs that it asks for. */
  readonly challenges: readonly string[]
  readonly retryAfterSeconds: number
}

export interface Blame {
  readonly status: number
  /** Shown to the sender. */
  readonly detail: string
}

/**
 * The status is the error's where that blames the sender; everything else is a fault of ours, which
 * is 503 whatever it was. The text of an error is only shown where it speaks of the request.
 */
export function blameOf(error: InletError): Blame {
  const isOurs = error.disposition !== 'reject' || error.status === null
  return isOurs
    ? { status: 503, detail: 'It was not taken. Send it again.' }
    : { status: error.status ?? 503, detail: error.message }
}

export function refusal(error: InletError, facts: RefusalFacts, random: Random): Answer {
  const { status, detail } = blameOf(error)
  const title = STATUS_CODES[status]
  const problem = { type: 'about:blank', title, status, code: error.code, detail }
  const headers = headersOf(status, facts, random)
  return answer(status, problem, { type: 'application/problem+json', headers })
}

/** What a status asks for beside itself. */
export function headersOf(status: number, facts: RefusalFacts, random: Random): string[] {
  if (status === 401)
    return facts.challenges.flatMap((challenge) => ['WWW-Authenticate', challenge])
  if (status === 405) return ['Allow', facts.allow]
  if (status === 415) return ['Accept-Encoding', 'gzip, identity']
  if (status === 503) return ['Retry-After', String(1 + random.below(facts.retryAfterSeconds))]
  return []
}

export function send(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, answer.headers)
  response.end(answer.body)
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

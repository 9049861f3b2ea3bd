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

/**
 * The status is the error's where that blames the sender; everything else is a fault of ours, which
 * is 503 whatever it was. The text of an error is only shown where it speaks of the request.
 */
export function refusal(error: InletError, facts: RefusalFacts, random: Random): Answer {
  const isOurs = error.disposition !== 'reject' || error.status === null
  const status = isOurs ? 503 : (error.status ?? 503)
  const detail = isOurs ? 'It was not taken. Send it again.' : error.message
  const headers = [...headersOf(status, facts)]
  if (isOurs) headers.push('Retry-After', String(1 + random.below(facts.retryAfterSeconds)))
  const problem = {
    type: 'about:blank',
    title: STATUS_CODES[status],
    status,
    code: error.code,
    detail,
  }
  return answer(status, problem, { type: 'application/problem+json', headers })
}

function headersOf(status: number, facts: RefusalFacts): string[] {
  if (status === 401)
    return facts.challenges.flatMap((challenge) => ['WWW-Authenticate', challenge])
  if (status === 405) return ['Allow', facts.allow]
  if (status === 415) return ['Accept-Encoding', 'gzip, identity']
  return []
}

export function send(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, answer.headers)
  response.end(answer.body)
}

function answer(
  status: number,
  content: object,
  more: { type: string; headers: string[] } = { type: 'application/json', headers: [] },
): Answer {
  const body = JSON.stringify(content)
  const length = String(Buffer.byteLength(body))
  const headers = ['Content-Type', more.type, 'Content-Length', length, ...more.headers]
  return { status, headers, body }
}

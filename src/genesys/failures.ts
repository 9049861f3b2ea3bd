/**
 * What an answer that is not 2xx says, as an error that names the thing and the remedy. Pure.
 *
 * Sources: `ErrorBody` of the official SDKs (`message`, `code`, `status`), the codes
 * `missing.any.permissions` and `missing.permissions` with the permissions in the message, the
 * limits of the details query as its own messages tell them, and the login's
 * `{"error":"invalid_client","description":"client not found"}` for an id of another region.
 */
import { type ErrorCode, InletError } from '../core/errors.ts'
import { textAt } from '../event/fields.ts'
import { type JsonView, ObjectView, viewJson } from '../event/json-view.ts'
import { askedWait } from './limits.ts'
import type { RawAnswer } from './transport.ts'

export interface Failure {
  readonly error: InletError
  /** How long it is asked to wait, ms; null where nothing says so. */
  readonly askedMs: number | null
}

export interface Asked {
  readonly org: string
  readonly host: string
  /** Such as `GET /api/v2/users`. */
  readonly call: string
  /** Wall clock. */
  readonly now: number
}

/** Such as `routing:queue:view`; those of the second guide have two parts. */
const permission = /\b[a-z]\w*(:[\w*-]+){1,2}/gi
const tooWide = /does not exceed \d+ days|pagination may not exceed/i

export function failureOf(answer: RawAnswer, asked: Asked): Failure {
  const { status, headers } = answer
  const askedMs = status === 429 || status === 503 ? askedWait(headers, asked.now) : null
  const body = objectOf(viewJson(answer.bytes))
  const reason = oneLine(textAt(body, 'message') ?? textAt(body, 'code') ?? 'no reason given')
  const { org, call } = asked
  const seconds = askedMs === null ? null : Math.ceil(askedMs / 1000)
  const permissions = reason.match(permission)?.join(' or ') ?? reason
  const details = { org, call, status, reason, permissions, seconds }
  return { error: new InletError(codeOf(status, reason), details), askedMs }
}

function codeOf(status: number, reason: string): ErrorCode {
  if (status === 401) return 'INL_GEN_TOKEN'
  if (status === 403) return 'INL_GEN_PERMISSION'
  if (status === 404) return 'INL_GEN_NOT_FOUND'
  if (status === 429) return 'INL_GEN_RATE'
  if (status === 408 || status >= 500) return 'INL_GEN_FAILED'
  return status === 400 && tooWide.test(reason) ? 'INL_GEN_INTERVAL' : 'INL_GEN_REFUSED'
}

/** Of the login. */
export function loginFailureOf(answer: RawAnswer, asked: Asked): Failure {
  const body = objectOf(viewJson(answer.bytes))
  const { status } = answer
  const error = textAt(body, 'error')
  if (error === null || status < 400 || status >= 500 || status === 429)
    return failureOf(answer, asked)
  const reason = oneLine(textAt(body, 'error_description') ?? textAt(body, 'description') ?? error)
  const { org, host } = asked
  const code = /client not found/i.test(reason) ? 'INL_GEN_REGION' : 'INL_GEN_CREDENTIALS'
  return { error: new InletError(code, { org, host, reason }), askedMs: null }
}

export function objectOf(view: JsonView | undefined): ObjectView | null {
  return view instanceof ObjectView ? view : null
}

/** It is shown to people: control characters would be obeyed by a terminal. */
function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, 300)
}

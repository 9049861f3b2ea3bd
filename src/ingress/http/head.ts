/**
 * The head of a request, from its bytes: RFC 9112, sections 2 to 6, and RFC 9110, section 5.
 *
 * Guarantee: pure. Where two parsers could read a head in two ways, this one refuses it: lines end
 * in CRLF alone, nothing goes on in the next line, no space stands before a colon, and how long the
 * body is stands there once at the most. A recipient may refuse all of these (RFC 9112, 2.2, 5.1,
 * 5.2, 6.1 to 6.3), and whatever stands between it and the sender cannot disagree with a refusal.
 */
import { METHODS } from 'node:http'
import { FieldLines, type Headers } from './field-lines.ts'
import { fieldLines, requestTarget } from './grammar.ts'
import { Malformed } from './malformed.ts'

export interface Head {
  readonly method: string
  /** As it stands there: a path, a whole URL, or `*`. */
  readonly target: string
  readonly headers: Headers
  /** Bytes of the body; null where it comes in chunks. */
  readonly length: number | null
  /** True for HTTP/1.0, whose connections end with an answer unless they ask for more. */
  readonly isOld: boolean
  /** False where this is the last request of its connection. */
  readonly keepsAlive: boolean
  /** True while the sender waits to be told whether to send the body. */
  readonly awaitsContinue: boolean
}

/** CONNECT asks for a tunnel, which nobody has here. */
const methods = new Set(METHODS.filter((method) => method !== 'CONNECT'))

const requestLine = `([A-Z-]+) (${requestTarget}) HTTP/1\\.([01])\\r\\n`
const wholeHead = new RegExp(`^${requestLine}${fieldLines}\\r\\n$`)
const wholeFields = new RegExp(`^${fieldLines}\\r\\n$`)
const beginning = new RegExp(`^(?:[A-Z]|${requestLine}${fieldLines})[^\\n]*$`)

/**
 * `text` is the head with the empty line that ends it, a character a byte. Throws Malformed, also
 * for more headers than there may be.
 */
export function readHead(text: string, maxHeaders: number): Head {
  const [, method = '', target = '', minor] = wholeHead.exec(text) ?? []
  if (!methods.has(method)) throw new Malformed()
  const headers = new FieldLines(text, text.indexOf('\n') + 1, maxHeaders)
  // Of two hosts, each of two readers may take another one.
  headers.only('host')
  const isOld = minor === '0'
  const connection = headers.get('connection') ?? ''
  return {
    method,
    target,
    headers,
    length: bodyLength(headers, isOld),
    isOld,
    keepsAlive: isOld ? keepAlive.test(connection) : !close.test(connection),
    awaitsContinue: !isOld && headers.get('expect')?.toLowerCase() === '100-continue',
  }
}

/**
 * False where no head begins so: what is no HTTP is not waited for. Lines are judged once they are
 * whole, so that this need only be asked for each.
 */
export function mayBecomeHead(text: string): boolean {
  return beginning.test(text)
}

/** Throws Malformed unless `text` is a trailer section (RFC 9112, 7.1.2) that may be discarded. */
export function readTrailers(text: string, maxHeaders: number): void {
  if (!wholeFields.test(text)) throw new Malformed()
  const fields = new FieldLines(text, 0, maxHeaders)
  const framing = fields.get('content-length') ?? fields.get('transfer-encoding')
  if (framing !== undefined) throw new Malformed()
}

/** RFC 9110, 7.6.1: a list of names in any case. */
const close = /(?:^|,)[ \t]*close[ \t]*(?:,|$)/i
const keepAlive = /(?:^|,)[ \t]*keep-alive[ \t]*(?:,|$)/i

/** RFC 9112, 6: a length or chunks, never both. */
function bodyLength(headers: FieldLines, isOld: boolean): number | null {
  const length = headers.only('content-length')
  const coding = headers.only('transfer-encoding')
  if (coding === undefined) {
    if (length === undefined) return 0
    if (!/^\d{1,15}$/.test(length)) throw new Malformed()
    return Number(length)
  }
  if (isOld || length !== undefined || coding.toLowerCase() !== 'chunked') throw new Malformed()
  return null
}

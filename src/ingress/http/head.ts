/**
 * The head of a request, from its bytes: RFC 9112, sections 2 to 6, and RFC 9110, section 5.
 *
 * Guarantee: pure. Where two parsers could read a head in two ways, this one refuses it: lines end
 * in CRLF alone, nothing goes on in the next line, no space stands before a colon, and how long the
 * body is stands there once at the most. A recipient may refuse all of these (RFC 9112, 2.2, 5.1,
 * 5.2, 6.1 to 6.3), and whatever stands between it and the sender cannot disagree with a refusal.
 */
import { METHODS } from 'node:http'
import { fieldLines, requestTarget } from './grammar.ts'

/** By lower-case name. Without a prototype: any name is only a name. */
export type Headers = Readonly<Record<string, string | undefined>>

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

/** What is no HTTP, or may be read in two ways. The connection is closed without an answer. */
export class Malformed extends Error {
  override readonly name = 'Malformed'
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
  const headers = fieldsOf(text, text.indexOf('\n') + 1, maxHeaders)
  const isOld = minor === '0'
  const { connection = '', expect } = headers
  return {
    method,
    target,
    headers,
    length: bodyLength(headers, isOld),
    isOld,
    keepsAlive: isOld ? keepAlive.test(connection) : !close.test(connection),
    awaitsContinue: !isOld && expect?.toLowerCase() === '100-continue',
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
  const fields = fieldsOf(text, 0, maxHeaders)
  if (fields['content-length'] !== undefined || fields['transfer-encoding'] !== undefined)
    throw new Malformed()
}

/** RFC 9110, 7.6.1: a list of names in any case. */
const close = /(?:^|,)[ \t]*close[ \t]*(?:,|$)/i
const keepAlive = /(?:^|,)[ \t]*keep-alive[ \t]*(?:,|$)/i

/** Lines that are known to be well-formed, up to the empty one. */
function fieldsOf(text: string, start: number, maxHeaders: number): Headers {
  const headers: Record<string, string | undefined> = Object.create(null)
  const end = text.length - 2
  let count = 0
  for (let at = start; at < end; ) {
    if (++count > maxHeaders) throw new Malformed()
    const colon = text.indexOf(':', at)
    const stop = text.indexOf('\r', colon)
    const name = text.slice(at, colon).toLowerCase()
    const value = trimmed(text, colon + 1, stop)
    const before = headers[name]
    headers[name] = before === undefined ? value : joined(name, before, value)
    at = stop + 2
  }
  return headers
}

/** Optional whitespace is spaces and tabs, and not all that `trim` takes (RFC 9110, 5.6.3). */
function trimmed(text: string, from: number, to: number): string {
  let [start, end] = [from, to]
  while (start < end && isSpace(text.charCodeAt(start))) start++
  while (start < end && isSpace(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09
}

/** What may stand there once; the second of two is another word on how the message is read. */
const framing = new Set(['content-length', 'transfer-encoding', 'host'])
/** What is no list, and of which the first counts. */
const single = new Set([
  'age',
  'authorization',
  'content-type',
  'etag',
  'expires',
  'from',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'retry-after',
  'server',
  'user-agent',
])

/** A header that stands there again, as `message.headers` of `node:http` documents it. */
function joined(name: string, before: string, value: string): string {
  if (framing.has(name)) throw new Malformed()
  if (single.has(name)) return before
  return `${before}${name === 'cookie' ? '; ' : ', '}${value}`
}

/** RFC 9112, 6: a length or chunks, never both. */
function bodyLength(headers: Headers, isOld: boolean): number | null {
  const { 'content-length': length, 'transfer-encoding': coding } = headers
  if (coding === undefined) {
    if (length === undefined) return 0
    if (!/^\d{1,15}$/.test(length)) throw new Malformed()
    return Number(length)
  }
  if (isOld || length !== undefined || coding.toLowerCase() !== 'chunked') throw new Malformed()
  return null
}

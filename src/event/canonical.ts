/**
 * The canonical form of JSON text: two texts have the same one exactly when they say the same.
 *
 * As RFC 8785: no whitespace, keys in the order of their UTF-16 units, strings escaped the way of
 * JSON.stringify. Unlike it, so that no two contents ever become equal:
 * - numbers stay as written: 1 and 1.0 differ, and no digit of a long number is lost
 * - of a repeated key every value is kept, in the order of the text
 * - a lone surrogate stays an escape
 *
 * Iterative, so that no depth of nesting overflows the stack.
 */
import { isUtf8 } from 'node:buffer'
import { hash } from 'node:crypto'
import {
  backslash,
  closeArray,
  closeObject,
  colon,
  comma,
  openArray,
  openObject,
  quote,
} from './ascii.ts'
import { asBuffer, decode, parseJson } from './json.ts'

/** Null when `slice` is not JSON in UTF-8. A byte order mark before it is no part of it. */
export function canonicalJson(slice: Uint8Array): Buffer | null {
  const text = jsonText(slice)
  return text === null ? null : Buffer.from(walk(text).text)
}

/**
 * The canonical form of one member of the object that `slice` is, or null when it has none or is no
 * object. Where its key is repeated, all of its values, parted by commas.
 */
export function canonicalMember(slice: Uint8Array, name: string): Buffer | null {
  const text = jsonText(slice)
  if (text === null) return null
  const found = walk(text).members.filter((candidate) => candidate.key === name)
  return found.length === 0 ? null : Buffer.from(found.map(({ value }) => value).join(','))
}

/**
 * SHA-256 of the topic, a newline and the canonical form (which has no newline), in hexadecimal.
 */
export function contentHash(topic: string | null, canonical: Uint8Array): string {
  return hash('sha256', Buffer.concat([Buffer.from(`${topic ?? ''}\n`), canonical]), 'hex')
}

function jsonText(slice: Uint8Array): string | null {
  if (!isUtf8(slice)) return null
  const text = decode(asBuffer(slice))
  return parseJson(text) === undefined ? null : text
}

interface Canonical {
  readonly text: string
  /** Of an object: its members, sorted. */
  readonly members: readonly Member[]
}

interface Member {
  /** The key itself, without quotes and escapes. */
  readonly key: string
  readonly quotedKey: string
  readonly value: string
}

/** An array or object whose end has not been reached. */
interface Open {
  /** Null for an array. */
  readonly members: Member[] | null
  /** Of an array: its elements so far. */
  text: string
  /** Of an object: the key that waits for its value. */
  quotedKey: string
}

const noMembers: readonly Member[] = []

/**
 * `text` is known to be JSON: commas and colons tell nothing that the order does not. The texts of
 * deep values are only ever appended (ropes), never copied level by level.
 */
function walk(text: string): Canonical {
  const open: Open[] = []
  let at = 0
  for (;;) {
    const code = text.charCodeAt(at)
    if (isSeparator(code)) at++
    else if (code === openObject || code === openArray) {
      open.push({ members: code === openObject ? [] : null, text: '', quotedKey: '' })
      at++
    } else {
      const isEnd = code === closeObject || code === closeArray
      const end = isEnd ? at + 1 : endOfScalar(text, at)
      const value = isEnd
        ? closed(open.pop())
        : { text: scalar(text.slice(at, end)), members: noMembers }
      const container = open.at(-1)
      if (container === undefined) return value
      add(container, value.text)
      at = end
    }
  }
}

function add(container: Open, value: string): void {
  const { members, quotedKey } = container
  if (members === null) container.text += container.text === '' ? value : `,${value}`
  else if (quotedKey === '') container.quotedKey = value
  else {
    members.push({ key: unquoted(quotedKey), quotedKey, value })
    container.quotedKey = ''
  }
}

function closed(container: Open | undefined): Canonical {
  const members = container?.members
  if (!members) return { text: `[${container?.text ?? ''}]`, members: noMembers }
  let text = ''
  for (const { quotedKey, value } of members.sort(byKey))
    text += text === '' ? `${quotedKey}:${value}` : `,${quotedKey}:${value}`
  return { text: `{${text}}`, members }
}

function byKey(left: Member, right: Member): number {
  if (left.key === right.key) return 0
  return left.key < right.key ? -1 : 1
}

/** Only a string with an escape can be written in two ways. */
function scalar(token: string): string {
  return token.includes('\\') ? JSON.stringify(JSON.parse(token)) : token
}

function unquoted(quoted: string): string {
  return quoted.includes('\\') ? JSON.parse(quoted) : quoted.slice(1, -1)
}

function endOfScalar(text: string, at: number): number {
  let end = at + 1
  if (text.charCodeAt(at) === quote) {
    while (text.charCodeAt(end) !== quote) end += text.charCodeAt(end) === backslash ? 2 : 1
    return end + 1
  }
  while (!endsPlain(text.charCodeAt(end))) end++
  return end
}

/** True for what may follow a number, true, false or null; the end of the text is NaN. */
function endsPlain(code: number): boolean {
  return isSeparator(code) || code === closeObject || code === closeArray || Number.isNaN(code)
}

/** Whitespace, comma or colon. */
function isSeparator(code: number): boolean {
  return code <= 0x20 || code === comma || code === colon
}

/**
 * Whether DuckDB's JSON functions can read a body that is valid JSON. Pure, linear, iterative.
 *
 * They recurse: some end the process at a depth of 20,000 objects. They refuse halves of surrogate
 * pairs, and a NUL would end a text where it is handed on. Both are written as `\ufffd` instead,
 * what Unicode has for a character that is none; the exact body stays in bronze.
 */
import {
  backslash,
  closeArray,
  closeObject,
  openArray,
  openObject,
  quote,
} from '../../event/ascii.ts'

/** Deeper is not read. */
export const mostDepth = 511

/**
 * Who is not longer than this is less deep than what DuckDB was found to bear (10,000 objects), and
 * need not be looked at for that.
 */
export const surelyShallowBytes = 8192

/** SQL: true for a body that must be looked at. Costs little; a few are looked at in vain. */
export function suspicious(body: string): string {
  const refused = String.raw`\\u(0000|[dD][89a-fA-F])`
  return `(strlen(${body}) > ${surelyShallowBytes}
    OR (contains(${body}, '\\u') AND regexp_matches(${body}, '${refused}')))`
}

export type Readable =
  | { readonly kind: 'as_it_is' }
  | { readonly kind: 'mended'; readonly body: string }
  | { readonly kind: 'too_deep' }

export function readable(body: string): Readable {
  const mended: string[] = []
  let kept = 0
  let depth = 0
  let isText = false
  for (let at = 0; at < body.length; at++) {
    const unit = body.charCodeAt(at)
    if (unit === quote) isText = !isText
    else if (isText && unit === backslash) {
      const length = escapeLength(body, at)
      if (length === 0) {
        mended.push(body.slice(kept, at), String.raw`\ufffd`)
        kept = at + unicodeEscape
      }
      at += Math.max(length, length === 0 ? unicodeEscape : 0) - 1
    } else if (!isText && (unit === openObject || unit === openArray)) {
      if (++depth > mostDepth) return { kind: 'too_deep' }
    } else if (!isText && (unit === closeObject || unit === closeArray)) depth--
  }
  if (mended.length === 0) return { kind: 'as_it_is' }
  return { kind: 'mended', body: mended.join('') + body.slice(kept) }
}

const unicodeEscape = 6
const letterU = 117

/** Characters of the escape at `at`, a pair of surrogates being one; 0 for one that is to go. */
function escapeLength(body: string, at: number): number {
  if (body.charCodeAt(at + 1) !== letterU) return 2
  const unit = unicodeAt(body, at)
  if (unit === 0 || isLow(unit)) return 0
  if (!isHigh(unit)) return unicodeEscape
  const next = at + unicodeEscape
  const isPair =
    body.charCodeAt(next) === backslash &&
    body.charCodeAt(next + 1) === letterU &&
    isLow(unicodeAt(body, next))
  return isPair ? 2 * unicodeEscape : 0
}

const unicodeAt = (body: string, at: number) => Number.parseInt(body.slice(at + 2, at + 6), 16)
const isHigh = (unit: number) => unit >= 0xd800 && unit < 0xdc00
const isLow = (unit: number) => unit >= 0xdc00 && unit < 0xe000

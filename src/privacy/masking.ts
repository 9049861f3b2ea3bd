/**
 * Masking one value in JavaScript.
 *
 * Guarantee: ./sql-masking.ts makes the same of the same text. What was masked before stays.
 *
 * - hash: a pseudonym of what the value means. A number is taken in E.164, other text without
 *   blanks around it, in lower case where it is ASCII (as e-mail addresses are)
 * - mask: `+49***12` for a number that says its country, `***@example.com` for an e-mail address,
 *   `***` for anything else: its length is not told either
 */
import type { PrivacyKey } from './key.ts'
import {
  alreadyMasked,
  anyNumber,
  cleaning,
  emailAddress,
  fullNumber,
  ipAddress,
  MAX_NUMBER_BYTES,
  maskableNumber,
  type Rewrite,
  space,
} from './patterns.ts'

export const MASKED = '***'
/** Pseudonyms that are remembered: a conversation tells its numbers again and again. */
const MOST_MADE = 4096

/** What becomes of a value that is not dropped. */
export interface ValueMasks {
  hash(text: string): string
  mask(text: string): string
  /** True for what is not kept although its field is. */
  hides?(text: string): boolean
}

export interface Masking extends ValueMasks {
  /** What two spellings of one thing have in common. */
  normal(text: string): string
}

/** Without a key, `hash` masks. */
export function masking(key: PrivacyKey | null, toE164: readonly Rewrite[]): Masking {
  const rewrites = toE164.map(compiled)
  const normal = (text: string) =>
    isNumber(text)
      ? rewrites.reduce((number, [pattern, by]) => number.replace(pattern, by), cleaned(text))
      : normalText(text)
  const made = new Map<string, string>()
  const pseudonym = (by: PrivacyKey, text: string): string => {
    const known = made.get(text)
    if (known !== undefined) return known
    const value = by.pseudonym(normal(text))
    if (made.size >= MOST_MADE) made.clear()
    if (text.length <= MAX_NUMBER_BYTES) made.set(text, value)
    return value
  }
  return {
    normal,
    mask,
    hash(text) {
      if (key === null) return mask(text)
      return stays(text) ? text : pseudonym(key, text)
    },
  }
}

const is = {
  masked: new RegExp(alreadyMasked, 'u'),
  number: new RegExp(anyNumber, 'u'),
  fullNumber: new RegExp(fullNumber, 'u'),
  ipAddress: new RegExp(ipAddress, 'u'),
  email: new RegExp(emailAddress, 'u'),
  spaces: new RegExp(`${space}+`, 'gu'),
  separators: /[ ()./-]/g,
  maskableNumber: new RegExp(maskableNumber, 'u'),
}

function mask(text: string): string {
  if (stays(text)) return text
  if (text.length <= MAX_NUMBER_BYTES && is.fullNumber.test(text)) {
    const parts = is.maskableNumber.exec(cleaned(text))
    return parts === null ? MASKED : `${parts[1]}${MASKED}${parts[2]}`
  }
  const domain = is.email.exec(text)?.[1]
  return domain === undefined ? MASKED : `${MASKED}@${domain.toLowerCase()}`
}

/** True for what tells of nobody: nothing, and what was masked before. */
function stays(text: string): boolean {
  return text === '' || is.masked.test(text)
}

/** Only ASCII matches, of which a character is a byte. */
function isNumber(text: string): boolean {
  return text.length <= MAX_NUMBER_BYTES && is.number.test(text) && !is.ipAddress.test(text)
}

const cleaners = cleaning.map(compiled)

function cleaned(text: string): string {
  const number = cleaners.reduce((rest, [pattern, by]) => rest.replace(pattern, by), text)
  return number.replace(is.separators, '')
}

/** Case is folded in ASCII alone: beyond it, languages and engines differ. */
function normalText(text: string): string {
  const bare = text.replace(is.spaces, ' ').replace(/^ | $/g, '')
  return isAscii(bare) ? bare.toLowerCase() : bare
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) >= 0x80) return false
  return true
}

function compiled([pattern, replacement]: Rewrite): readonly [RegExp, string] {
  return [new RegExp(pattern, 'u'), replacement.replace('\\1', '$1')]
}

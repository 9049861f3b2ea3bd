/**
 * What a value is told by: patterns, and the rewriting of telephone numbers into E.164.
 *
 * JavaScript and DuckDB (RE2) read each pattern alike: only ASCII is named in them, nothing depends
 * on locale, no look-around, no class that either understands in its own way. So both make the same
 * of the same value, whatever it is; a property test holds them to it.
 */
import { countryCode, type NumberPlan } from './countries.ts'

export const space = '[ \\t\\r\\n]'

/** What people and machines put between digits. */
export const separators = ' ()./-'
const separator = `[${separators}]`
const scheme = '(?:[tT][eE][lL]|[sS][iI][pP][sS]?):'

/** A longer value is no number, however it is padded: bounds the work of the patterns. */
export const MAX_NUMBER_BYTES = 128

const number = (plus: string, digits: string) =>
  `${plus}(?:${separator}*[0-9]){${digits}}${separator}*`

/** A number as such, or as an address of tel: or sip: with what follows it there. */
const numberLike = (plus: string, digits: string) =>
  `^${space}*(?:${scheme}${number(plus, digits)}(?:[@;][ -~]*)?|${number(plus, digits)})${space}*$`

export const anyNumber = numberLike('[+]?', '3,15')
/** One that says its country. */
export const fullNumber = numberLike('[+]', '7,15')
export const ipAddress = `^${space}*[0-9]{1,3}(?:[.][0-9]{1,3}){3}${space}*$`

const domain = '[A-Za-z0-9-]+(?:[.][A-Za-z0-9-]+)+'
/** Its domain is the group. */
export const emailAddress = `^${space}*[^@ \\t\\r\\n]+@(${domain})${space}*$`

/** What was masked before stays as it is: bronze may hold it so already. */
export const alreadyMasked =
  '^(?:h1:[0-9a-f]{8}:[0-9a-f]{32}|[+][0-9]{1,3}[*]{3}[0-9]{2}|[*]{3}(?:@[a-z0-9.-]+)?)$'

/** Of a cleaned number: its country code and its last two digits are the groups. */
export const maskableNumber = `^([+](?:${countryCode}))[0-9]*([0-9]{2})$`

/** A pattern and what takes its place; `\1` is the group. */
export type Rewrite = readonly [pattern: string, replacement: string]

/** The digits of a number-like value, with its plus sign; to be applied in order. */
export const cleaning: readonly Rewrite[] = [
  [`^${space}*(?:${scheme})?([+0-9 ()./-]*)[ -~]*${space}*$`, '\\1'],
  ['[(]0[)]', ''],
]

/**
 * From digits to E.164, to be applied in order: what has got its plus sign matches no more. What no
 * rule knows, such as an extension, stays as it is.
 */
export function e164Rewrites(plan: NumberPlan | null): readonly Rewrite[] {
  if (plan === null)
    return [
      ['^00([1-9][0-9]{6,14})$', '+\\1'],
      ['^([1-9][0-9]{7,14})$', '+\\1'],
    ]
  const { code, trunk, digits, abroad } = plan
  const fromAbroad: Rewrite = [`^${abroad}([1-9][0-9]{6,14})$`, '+\\1']
  const rest: Rewrite = ['^([1-9][0-9]{7,14})$', '+\\1']
  if (code === '1') return [fromAbroad, ['^1?([2-9][0-9]{9})$', '+1\\1'], rest]
  if (trunk === null)
    return [
      fromAbroad,
      [`^([0-9]{${digits}})$`, `+${code}\\1`],
      [`^(${code}[0-9]{${digits}})$`, '+\\1'],
      rest,
    ]
  return [
    fromAbroad,
    [`^${trunk}([0-9]{5,13})$`, `+${code}\\1`],
    [`^(${code}[0-9]{7,12})$`, '+\\1'],
    ['^([1-9][0-9]{11,14})$', '+\\1'],
    ['^([1-9][0-9]{6,10})$', `+${code}\\1`],
  ]
}

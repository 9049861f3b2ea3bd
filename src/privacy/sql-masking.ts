/**
 * The same masking as ./masking.ts, as SQL for DuckDB, so that a batch is masked set by set.
 *
 * An engine is prepared once: the pads of the key go into a table of its own as parameters, and
 * macros read them there. So no statement, plan, error or profile holds them. Nothing enters the
 * texts but patterns of this folder and the id of the key.
 *
 * Limits: a macro repeats its argument: pass a column. It holds a subquery, which DuckDB takes
 * nowhere within a lambda: lists have macros of their own. Whoever may run statements of their own
 * on a prepared engine can read the key: `query` uses another one.
 */

import type { PrivacyKey } from './key.ts'
import { PSEUDONYM_DIGITS } from './key.ts'
import { MASKED } from './masking.ts'
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
  separators,
  space,
} from './patterns.ts'
import type { Action } from './rules.ts'

/** A statement and its parameters, in order. */
export interface SqlStatement {
  readonly sql: string
  readonly parameters: readonly Uint8Array[]
}

const keyTable = 'inlet_privacy_key'
const pads = `(SELECT key FROM ${keyTable} AS key)`

/** To be run on an engine, in order, before anything that `sqlFor` made. */
export function sqlPreparation(
  key: PrivacyKey | null,
  toE164: readonly Rewrite[],
): readonly SqlStatement[] {
  const mask = [
    macro('inlet_mask(value)', maskSql),
    macro('inlet_mask_all(list)', 'list_transform(list, value -> inlet_mask(value))'),
  ]
  if (key === null) return mask
  const { inner, outer } = key.pads()
  return [
    {
      sql: `CREATE OR REPLACE TABLE ${keyTable} AS
        SELECT $1::BLOB AS inner_pad, $2::BLOB AS outer_pad`,
      parameters: [inner, outer],
    },
    ...mask,
    macro('inlet_hash_by(value, pads)', hashSql(key.id, toE164)),
    macro('inlet_hash(value)', `inlet_hash_by(value, ${pads})`),
    // A lambda may see a row from around it: the pads are brought there by another lambda.
    macro(
      'inlet_hash_all(list)',
      `list_transform([${pads}], pads ->
        list_transform(list, value -> inlet_hash_by(value, pads)))[1]`,
    ),
  ]
}

/** `expression` is a VARCHAR, best a column. */
export function sqlFor(action: Action, expression: string): string {
  if (action === 'keep') return expression
  return action === 'drop' ? 'CAST(NULL AS VARCHAR)' : `inlet_${action}(${expression})`
}

/** The same of a VARCHAR[], element by element. */
export function sqlForAll(action: Action, expression: string): string {
  if (action === 'keep') return expression
  return action === 'drop' ? 'CAST(NULL AS VARCHAR[])' : `inlet_${action}_all(${expression})`
}

function macro(signature: string, body: string): SqlStatement {
  return { sql: `CREATE OR REPLACE MACRO ${signature} AS ${body}`, parameters: [] }
}

/** Of patterns and other texts of this folder, none of which holds a quote. */
const text = (own: string) => `'${own}'`
const isLike = (pattern: string) => `regexp_matches(value, ${text(pattern)})`

const stays = `value IS NULL OR value = '' OR ${isLike(alreadyMasked)}`
const isShort = `strlen(value) <= ${MAX_NUMBER_BYTES}`

const cleaned = `translate(${rewritten('value', cleaning)}, ${text(separators)}, '')`

const maskSql = `CASE WHEN ${stays} THEN value
  WHEN ${isShort} AND ${isLike(fullNumber)}
    THEN ${rewritten(cleaned, [[maskableNumber, `\\1${MASKED}\\2`]])}
  WHEN ${isLike(emailAddress)}
    THEN ${text(`${MASKED}@`)} || lower(regexp_extract(value, ${text(emailAddress)}, 1))
  ELSE ${text(MASKED)} END`

const bare = `trim(regexp_replace(value, ${text(`${space}+`)}, ' ', 'g'), ' ')`
const isAscii = 'strlen(value) = length(value)'

function hashSql(keyId: string, toE164: readonly Rewrite[]): string {
  const normal = `CASE WHEN ${isShort} AND ${isLike(anyNumber)} AND NOT ${isLike(ipAddress)}
      THEN ${rewritten(cleaned, toE164)}
    WHEN ${isAscii} THEN lower(${bare}) ELSE ${bare} END`
  const inner = `sha256(pads.inner_pad || encode(${normal}))`
  const outer = `sha256(pads.outer_pad || unhex(${inner}))`
  return `CASE WHEN ${stays} THEN value
    ELSE ${text(`h1:${keyId}:`)} || left(${outer}, ${PSEUDONYM_DIGITS}) END`
}

function rewritten(expression: string, rewrites: readonly Rewrite[]): string {
  return rewrites.reduce(
    (inner, [pattern, by]) => `regexp_replace(${inner}, ${text(pattern)}, ${text(by)})`,
    expression,
  )
}

/**
 * The front of this folder: a privacy policy, compiled from rules, keys and a country.
 *
 * Guarantee: a field has one action, whoever asks: SQL over columns and JavaScript over JSON texts
 * make the same of the same value. What neither a rule, a default nor a schema knows is masked.
 * Pure: the same options give the same policy.
 */
import { hash } from 'node:crypto'
import { numberPlans } from './countries.ts'
import { defaultRules } from './default-rules.ts'
import type { IsKnown } from './envelopes.ts'
import { fieldAt, fieldTree } from './field-tree.ts'
import type { PrivacyKey } from './key.ts'
import { maskJson } from './mask-json.ts'
import { MASKED, masking } from './masking.ts'
import { e164Rewrites } from './patterns.ts'
import type { Action, Rule } from './rules.ts'
import { type SqlStatement, sqlFor, sqlForAll, sqlPreparation } from './sql-masking.ts'
import { type IsSought, namesAny } from './subject.ts'

/** Raised when the same rules and keys come to give other values. */
const FORMAT = 1

export interface PolicyOptions {
  /** Go before the defaults. */
  readonly rules: readonly Rule[]
  /** Null where there is none: `hash` masks then. */
  readonly key: PrivacyKey | null
  /** ISO 3166-1 alpha-2: whose national numbers are told by; null for none. */
  readonly country: string | null
}

export interface Policy {
  /** 16 hexadecimal digits, the same for all that decides what values become. */
  readonly version: string
  readonly keyId: string | null
  /** Of a field that no schema was asked about. Without a key, `mask` in place of `hash`. */
  actionOf(path: string): Action
  /** A SQL expression that masks a VARCHAR expression as the rule of the field says. */
  sqlMask(field: string, expression: string): string
  /** The same for an expression that is a VARCHAR[]. */
  sqlMaskList(field: string, expression: string): string
  /** What an engine must have run before it meets such an expression. */
  readonly sqlPreparation: readonly SqlStatement[]
  /** One value of a field; for what is not SQL and no JSON text. */
  maskText(field: string, text: string): string | null
  /** The JSON text with its fields masked; null where it is no JSON. */
  maskJson(text: Uint8Array | string, schema: KnownFields): string | null
  /**
   * The JSON text without anything personal, whatever rules keep, and without what `isSought` finds
   * anywhere else.
   */
  redactJson(text: Uint8Array | string, schema: KnownFields & { isSought: IsSought }): string | null
  /** What a value is hashed as: an operator's subject is brought to the same form. */
  normal(text: string): string
}

export interface KnownFields {
  readonly known: IsKnown
  /** Where the text stands, if it is the value of a field itself. */
  readonly at?: string
}

export function compilePolicy({ rules, key, country }: PolicyOptions): Policy {
  const plan = country === null ? null : (numberPlans.get(country) ?? null)
  const toE164 = e164Rewrites(plan)
  const values = masking(key, toE164)
  const root = fieldTree({ own: rules, defaults: defaultRules })
  // What a rule keeps of people is not kept of whoever asked to be forgotten.
  const strict = rules.filter(({ action }) => action !== 'keep')
  const erasing = fieldTree({ own: strict, defaults: defaultRules })
  const actionOf = (path: string): Action => {
    const action = fieldAt(root, path).action ?? 'mask'
    return action === 'hash' && key === null ? 'mask' : action
  }
  return {
    version: versionOf({ rules, key, country }),
    keyId: key?.id ?? null,
    actionOf,
    sqlMask: (field, expression) => sqlFor(actionOf(field), expression),
    sqlMaskList: (field, expression) => sqlForAll(actionOf(field), expression),
    sqlPreparation: sqlPreparation(key, toE164),
    maskText(field, text) {
      const action = actionOf(field)
      if (action === 'keep') return text
      return action === 'drop' ? null : values[action](text)
    },
    maskJson: (text, { known, at = '' }) =>
      maskJson(text, { root: at === '' ? root : fieldAt(root, at), masking: values, known }),
    redactJson(text, { known, isSought }) {
      const hides = (value: string) => namesAny(value, isSought, values.normal)
      const masks = { hash: hidden, mask: hidden, hides }
      return maskJson(text, { root: erasing, known, masking: masks })
    },
    normal: values.normal,
  }
}

const hidden = (text: string) => (text === '' ? '' : MASKED)

function versionOf({ rules, key, country }: PolicyOptions): string {
  const own = rules.map(({ field, action }) => [field, action])
  const defaults = defaultRules.map(({ field, action }) => [field, action])
  const decides = JSON.stringify([FORMAT, own, defaults, key?.id ?? null, country])
  return hash('sha256', decides, 'hex').slice(0, 16)
}

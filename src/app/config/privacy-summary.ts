/** What the rules of privacy come to. */
import { formatSize } from '../../core/units.ts'
import type { Rule } from '../../privacy/rules.ts'
import { actions } from '../../privacy/rules.ts'
import { rulesInEffect } from '../../privacy/rules-in-effect.ts'
import type { PrivacyConfig } from './privacy.ts'

export interface PrivacySummary {
  /** Whether there is a key of pseudonyms. */
  readonly hashes: boolean
  readonly bronze: PrivacyConfig['bronze']
  readonly country: string | null
  readonly largeFields: NonNullable<PrivacyConfig['largeFields']> | null
  /** Own rules first, then the defaults that hold. */
  readonly rules: readonly Rule[]
}

export function summarisePrivacy(privacy: PrivacyConfig): PrivacySummary {
  const { key, country = null, rules, bronze, largeFields = null } = privacy
  const hashes = key !== undefined
  return { hashes, bronze, country, largeFields, rules: rulesInEffect(rules, hashes) }
}

export function privacyLines({
  hashes,
  bronze,
  country,
  largeFields,
  rules,
}: PrivacySummary): [string, string][] {
  const key = hashes ? 'pseudonyms by a key' : 'no key: masks instead of pseudonyms'
  const numbers = country === null ? '' : `, national numbers of ${country}`
  const lists = actions.flatMap((action): [string, string][] => {
    const fields = rules.filter((one) => one.action === action).map(({ field }) => field)
    return fields.length === 0 ? [] : [[`privacy ${action}`, fields.join(' ')]]
  })
  return [
    ['privacy', `${key}${numbers}; what nobody knows is masked; bronze is ${bronze}`],
    ['privacy holds', 'for what comes; for rows that are there after inlet rebuild silver'],
    ...lists,
    ...(largeFields === null ? [] : [largeLine(largeFields)]),
  ]
}

function largeLine({ fields, over }: NonNullable<PrivacyConfig['largeFields']>): [string, string] {
  return ['large fields', `${fields.join(' ')} over ${formatSize(over)}`]
}

/** What a configuration comes to: its own rules, and the defaults that none of them replaces. */
import { defaultRules } from './default-rules.ts'
import { fieldAt, fieldTree } from './field-tree.ts'
import type { Rule } from './rules.ts'

/** Own rules first. Without a key, what would be hashed is masked. */
export function rulesInEffect(own: readonly Rule[], hasKey: boolean): readonly Rule[] {
  const root = fieldTree({ own, defaults: defaultRules })
  const holds = ({ field, action }: Rule) => fieldAt(root, field).action === action
  const all = [...own, ...defaultRules].filter(holds)
  return all.map(({ field, action }) => ({
    field,
    action: action === 'hash' && !hasKey ? 'mask' : action,
  }))
}

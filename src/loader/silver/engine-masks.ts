/**
 * Makes an engine able to mask, and says how silver asks it to: columns in SQL alone, JSON by a
 * function in JavaScript, which knows the schema of the event.
 *
 * Limit: statements that mask JSON have columns `dialect`, `topic` and `event_type` in sight.
 */
import type { SqlEngine } from '../../lake/sql/duckdb.ts'
import { literal } from '../../lake/sql/quote.ts'
import { defineTextFunction } from '../../lake/sql/text-function.ts'
import { knownFields, type MaskingRules } from '../body-mask.ts'
import type { Masks } from './masks.ts'

/** To be called once for an engine. */
export async function prepareMasks(engine: SqlEngine, rules: MaskingRules): Promise<Masks> {
  const { policy } = rules
  for (const { sql, parameters } of policy.sqlPreparation) await engine.run(sql, parameters)
  await engine.use(async (connection) =>
    defineTextFunction(connection, { name: 'inlet_mask_json', parameters: 5, of: jsonMask(rules) }),
  )
  return {
    mask: policy.sqlMask,
    maskList: policy.sqlMaskList,
    maskJson: (field, expression) =>
      `inlet_mask_json(${literal(field)}, dialect, topic, event_type, ${expression})`,
  }
}

function jsonMask(rules: MaskingRules) {
  return ([at, dialect, topic, eventType, text]: readonly (string | null)[]): string | null => {
    if (text === null || text === undefined) return null
    const subject = { dialect: dialect ?? '', topic: topic ?? null, eventType: eventType ?? '' }
    const known = knownFields(rules, subject)
    return rules.policy.maskJson(text, { known, at: (at ?? '').replace(/\.\*$/, '') })
  }
}

/** The words of `silver.violations.rule`: what SQL raises, and what the catalogue explains. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mappings } from '../../../../src/loader/silver/mappings.ts'
import { ruleCatalogue } from '../../../../src/schemas/rules.ts'

/** Told of a slice as a whole (src/loader/silver/slice.ts). */
const ofSlices = ['event_time_impossible', 'not_readable_by_sql', 'not_unicode']
/** Told of what holds the fields (src/loader/silver/read-mapping.ts). */
const ofHolders = ['not_a_list', 'not_an_object', 'too_many']

test('the rules of values are those that something raises, each of them explained', () => {
  const raised = new Set([...ofSlices, ...ofHolders])
  for (const { fields, checks = [] } of mappings) {
    for (const { rule } of checks) raised.add(rule)
    for (const { as } of fields)
      for (const [, word = ''] of as.rule('raw').matchAll(/(?:^|THEN |ELSE )'([a-z_]+)'/g))
        raised.add(word)
  }
  const explained = Object.entries(ruleCatalogue).filter(([, { by }]) => by === 'value')
  assert.deepEqual([...raised].sort(), explained.map(([rule]) => rule).sort())
})

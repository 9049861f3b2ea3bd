import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mappings } from '../../../../src/loader/silver/mappings.ts'
import { openSchemas } from '../../../../src/schemas/registry.ts'
import { builtInSeed } from '../../../../src/schemas/seed/seed.ts'

/** Their schemas are made by hand, beside the mappings; a schema is kept by the event type. */
const byHand = ['analytics-notification', 'event-subscription']

test('a column is filled from fields that the schema of a guide knows, and so may be read', () => {
  const schemas = openSchemas(builtInSeed())
  const unknown: string[] = []
  let looked = 0
  for (const { fields, eventTypes, roots } of mappings)
    for (const dialect of byHand.filter((one) => Object.hasOwn(roots, one)))
      for (const topic of eventTypes)
        for (const path of fields.flatMap(({ paths }) => paths)) {
          looked++
          if (!schemas.isKnown(topic, path)) unknown.push(`${dialect} ${topic} ${path}`)
        }
  assert.deepEqual(unknown, [])
  assert.ok(looked > 50, `${looked} fields`)
})

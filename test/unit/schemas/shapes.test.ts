/** Real bodies, as DuckDB tells their shape, held against the seed; and against another judge. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, suite, test } from 'node:test'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import type { SqlEngine } from '../../../src/lake/sql/duckdb.ts'
import { openSqlEngine } from '../../../src/lake/sql/duckdb.ts'
import { literals } from '../../../src/lake/sql/quote.ts'
import type { JsonSchema } from '../../../src/schemas/json-schema.ts'
import { judgeShape } from '../../../src/schemas/judge.ts'
import { outlineOf } from '../../../src/schemas/outline.ts'
import { openSchemas } from '../../../src/schemas/registry.ts'
import { isCompatible } from '../../../src/schemas/rules.ts'
import { builtInSeed } from '../../../src/schemas/seed/seed.ts'
import { temporaryFolder } from '../../support/temporary.ts'

let engine: SqlEngine
let folder: Awaited<ReturnType<typeof temporaryFolder>>

before(async () => {
  folder = await temporaryFolder()
  engine = await openSqlEngine({ memoryLimit: 2 ** 28, threads: 1, folder: folder.path })
})
after(async () => {
  engine.close()
  await folder.dispose()
})

async function shapesOf(bodies: readonly unknown[]): Promise<string[]> {
  const texts = literals(bodies.map((body) => JSON.stringify(body)))
  const rows = await engine.rows(
    `SELECT json_structure(body)::VARCHAR AS shape FROM (SELECT unnest(${texts}) AS body)`,
  )
  return rows.map((row) => String(row['shape']))
}

function golden(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`../../golden/${path}/in.json`, import.meta.url), 'utf8'))
}

async function told(
  subject: { dialect: string; topic: string | null; type: string },
  body: unknown,
) {
  const [shape = ''] = await shapesOf([body])
  const { dialect, topic, type } = subject
  const found = openSchemas(builtInSeed()).judge({ dialect, topic, eventType: type }, shape)
  return found.map(({ path, rule, typeSeen }) => `${path} ${rule} ${typeSeen}`)
}

suite('bodies of the platform', () => {
  test('official fixtures are as their schemas say', async () => {
    const { detail } = golden('eventbridge/official-fixture') as { detail: Record<string, unknown> }
    const topic = String(detail['topicName'])
    const subject = { dialect: 'eventbridge', topic, type: 'customer.end' }
    assert.deepEqual(await told(subject, detail['eventBody']), [])
    const record = golden('conversation-detail/official-sample')
    const details = { dialect: 'conversation-detail', topic: null, type: 'conversation.detail' }
    assert.deepEqual(await told(details, record), [])
  })

  test('the samples of the guides are as their schemas say', async () => {
    const a = { dialect: 'analytics-notification', topic: null, type: 'interaction' }
    assert.deepEqual(await told(a, golden('analytics-notification/sample-of-the-guide')), [])
    const b = { dialect: 'event-subscription', topic: null, type: 'call.event' }
    assert.deepEqual(await told(b, golden('event-subscription/call')), [])
  })

  test('drift of a guide is told, field by field', async () => {
    const body = {
      notificationId: '0b9f6a52-3a0e-4e0e-9d51-3f1f6c1f7d05',
      timestamp: '2023-10-27T14:35:00.000Z',
      eventType: 'interaction',
      data: {
        interactionId: 'inter-xyz-126',
        type: 'call',
        metrics: { talkTime: '61.5', holdTime: -3, waitTime: {}, sentiment: 0.4 },
        participants: 'nobody',
        journey: { step: 3 },
      },
    }
    const subject = { dialect: 'analytics-notification', topic: null, type: 'interaction' }
    assert.deepEqual(await told(subject, body), [
      'data.metrics.talkTime type_converted VARCHAR',
      'data.metrics.waitTime type_changed JSON',
      'data.metrics.sentiment unknown_field DOUBLE',
      'data.participants type_changed VARCHAR',
      'data.journey unknown_field {"step":"UBIGINT"}',
    ])
  })
})

const leaf: fc.Arbitrary<JsonSchema> = fc.constantFrom(
  ...['string', 'integer', 'number', 'boolean'].map((type) => ({ type })),
)
const names = ['a', 'b', 'c']
const { schema: anySchema } = fc.letrec<{ schema: JsonSchema }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.record({ type: fc.constant('array'), items: tie('schema') }),
    fc.record({
      type: fc.constant('object'),
      properties: fc.dictionary(fc.constantFrom(...names), tie('schema'), { minKeys: 1 }),
      required: fc.uniqueArray(fc.constantFrom(...names)),
      additionalProperties: fc.constant(false),
    }),
    fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }) }),
  ),
}))

/** Values that a schema may well allow. */
function allowedBy(schema: JsonSchema): fc.Arbitrary<unknown> {
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(allowedBy))
  if (schema.items !== undefined) return fc.array(allowedBy(schema.items), { maxLength: 3 })
  if (schema.properties !== undefined) {
    const members = Object.entries(schema.properties).map(([name, one]) => [name, allowedBy(one)])
    return fc.record(Object.fromEntries(members), { requiredKeys: [] })
  }
  if (schema.type === 'string') return fc.string()
  if (schema.type === 'boolean') return fc.boolean()
  return fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))
}

test('a judge of values allows nothing that the judge of shapes objects to', async () => {
  const ajv = new Ajv({ strict: false })
  const pair = anySchema.chain((schema) =>
    fc.tuple(
      fc.constant(schema),
      fc.oneof({ weight: 4, arbitrary: allowedBy(schema) }, fc.jsonValue()),
    ),
  )
  let [allowed, refused] = [0, 0]
  const pairs = fc.sample(pair, { numRuns: 2000, seed: 42 })
  const shapes = await shapesOf(pairs.map(([, value]) => value))
  for (const [at, [schema, value]] of pairs.entries()) {
    const found = judgeShape(outlineOf(schema, {}), shapes[at] ?? '')
    const fine = found.every(({ rule }) => isCompatible(rule) && rule !== 'unknown_field')
    if (ajv.validate(schema, value)) {
      allowed++
      assert.ok(fine, `${JSON.stringify([schema, value, found])}`)
    } else if (!fine) refused++
  }
  assert.ok(allowed > 300 && refused > 300, `${allowed} allowed, ${refused} refused`)
})

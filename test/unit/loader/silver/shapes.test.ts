import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import fc from 'fast-check'
import { openSqlEngine, type SqlEngine } from '../../../../src/lake/sql/duckdb.ts'
import { literal } from '../../../../src/lake/sql/quote.ts'
import { gatherShapes, shapes } from '../../../../src/loader/silver/gather-shapes.ts'
import { judgeShapes } from '../../../../src/loader/silver/shapes.ts'
import { openSchemas } from '../../../../src/schemas/registry.ts'
import { builtInSeed } from '../../../../src/schemas/seed/seed.ts'
import { temporaryFolder } from '../../../support/temporary.ts'

let engine: SqlEngine
let folder: Awaited<ReturnType<typeof temporaryFolder>>
const schemas = openSchemas(builtInSeed())

before(async () => {
  folder = await temporaryFolder()
  engine = await openSqlEngine({ memoryLimit: 2 ** 28, threads: 1, folder: folder.path })
})
after(async () => {
  engine.close()
  await folder.dispose()
})

interface Event {
  readonly id: string
  readonly dialect: string
  readonly topic?: string
  readonly type: string
  readonly body: unknown
}

async function judge(events: readonly Event[]) {
  const rows = events.map(({ id, dialect, topic, type, body }, at) => {
    const texts = [id, dialect, type, JSON.stringify(body)].map(literal)
    return `(${texts.join(', ')}, ${topic === undefined ? 'NULL' : literal(topic)}, ${at})`
  })
  await engine.run(`
    CREATE OR REPLACE TABLE events AS
    SELECT *, 'org' AS org_id, 'trial' AS source, 'c' AS conversation_id, 'j' AS journal_id,
      'gateway-0' AS journal_partition, TIMESTAMPTZ '2026-01-05 06:07:08Z' AS event_time,
      TIMESTAMPTZ '2026-01-05 06:07:09Z' AS received_at
    FROM (VALUES ${rows.join(', ')})
      AS e(event_id, dialect, event_type, body, topic, position)`)
  await gatherShapes(engine, '"events"')
  const judgement = await judgeShapes({ engine, relation: '"events"' }, schemas)
  const found = await engine.rows(`
    SELECT event_id, topic, schema_version, path, rule, type_seen, date::VARCHAR AS date
    FROM (${judgement.violations}) ORDER BY event_id, path`)
  for (const sql of judgement.discard) await engine.run(sql)
  return { found, topics: judgement.topics }
}

const uuid = '2f7bf00a-0fc2-4d6a-9b56-92238191433e'
const presence = (id: string, eventBody: unknown): Event => ({
  ...{ id, dialect: 'notification', topic: `v2.users.${uuid}.presence`, type: 'user.presence' },
  body: { topicName: `v2.users.${uuid}.presence`, eventBody },
})

suite('shapes of a slice', () => {
  test('tell of every event what deviates, and nothing of the others', async () => {
    const { found } = await judge([
      presence('a', { source: 'PURECLOUD', primary: true }),
      presence('b', { source: 'PURECLOUD', primary: true, mood: 'fine' }),
      presence('c', { source: 'PURECLOUD', primary: true, mood: 'bad' }),
      presence('d', { source: 'PURECLOUD', primary: 'yes' }),
    ])
    const told = found.map(({ event_id, path, rule, type_seen }) =>
      [event_id, path, rule, type_seen].join(' '),
    )
    assert.deepEqual(told, [
      'b mood unknown_field VARCHAR',
      'c mood unknown_field VARCHAR',
      'd primary type_converted VARCHAR',
    ])
    assert.deepEqual(found[0], {
      event_id: 'b',
      topic: 'v2.users.{id}.presence',
      schema_version: schemas.version('v2.users.{id}.presence'),
      ...{ path: 'mood', rule: 'unknown_field', type_seen: 'VARCHAR', date: '2026-01-05' },
    })
  })

  test('judge the body of the topic, whatever dialect brings it', async () => {
    const eventBody = { conversationId: uuid, wrapupNote: 'x' }
    const topic = `v2.detail.events.conversation.${uuid}.acw`
    const { found, topics } = await judge([
      { id: 'a', dialect: 'eventbridge', topic, type: 'acw', body: { detail: { eventBody } } },
      { id: 'b', dialect: 'notification', topic, type: 'acw', body: { eventBody } },
      { id: 'c', dialect: 'notification', topic, type: 'acw', body: { nothing: 1 } },
      { id: 'd', dialect: 'conversation-detail', type: 'conversation.detail', body: { x: 1 } },
      { id: 'e', dialect: 'unknown', type: 'other', body: { x: 1 } },
    ])
    const told = found.map(({ event_id, path }) => `${event_id} ${path}`)
    assert.deepEqual(told, ['a wrapupNote', 'b wrapupNote', 'd x'])
    assert.deepEqual(
      topics.map(({ topic: name, version, events, deviating }) =>
        [name, version === null, events, deviating].join(' '),
      ),
      [
        'v2.detail.events.conversation.{id}.acw false 2 2',
        'conversation.detail false 1 1',
        'unknown:other true 1 0',
      ],
    )
  })

  test('keep topics outside of the official list apart', async () => {
    const event = (id: string, topic: string): Event => ({
      ...{ id, dialect: 'notification', topic, type: 'other' },
      body: { eventBody: { x: 1 } },
    })
    const { topics } = await judge([
      event('a', `v2.new.${uuid}.things`),
      event('b', 'v2.new.0b9f6a52-3a0e-4e0e-9d51-3f1f6c1f7d02.things'),
      event('c', `v2.other.${uuid}.things`),
    ])
    assert.deepEqual(
      topics.map(({ topic, events }) => `${topic} ${events}`),
      ['v2.new.{id}.things 2', 'v2.other.{id}.things 1'],
    )
  })

  test('are told apart, whatever JSON they are of', async () => {
    const names = fc.constantFrom('a', 'A', 'b', '', 'a"b', '__proto__')
    const { json } = fc.letrec((tie) => ({
      json: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constantFrom<unknown>('x', '', 1, -1, 1.5, 2 ** 63, 1e300, true, null),
        fc.array(tie('json'), { maxLength: 3 }),
        fc.dictionary(names, tie('json'), { maxKeys: 3 }),
      ),
    }))
    const bodies = fc.sample(json, { numRuns: 4000, seed: 7 }).map((one) => JSON.stringify(one))
    const extreme = ['{"a":18446744073709551615}', '{"a":18446744073709551616}']
    const odd = ['{"a":1,"a":"x"}', '{"a":"x","a":1}', '{"a":[18446744073709551615,-1]}']
    const texts = [...bodies, ...extreme, ...odd].map(literal).join(', ')
    await engine.run(`
      CREATE OR REPLACE TABLE bodies AS
      SELECT 'generic' AS dialect, 'x' AS event_type, NULL::VARCHAR AS topic,
        unnest([${texts}]) AS body`)
    await gatherShapes(engine, '"bodies"')
    await engine.run(`
      CREATE OR REPLACE TABLE prints AS
      SELECT found.shape AS print, json_structure(body)::VARCHAR AS shape
      FROM bodies JOIN ${shapes} found ON found.row = bodies.rowid`)
    const torn = await engine.rows(
      'SELECT print FROM prints GROUP BY print HAVING count(DISTINCT shape) > 1',
    )
    assert.deepEqual(torn, [])
    const [counts] = await engine.rows(
      `SELECT count(DISTINCT print)::INTEGER AS prints, count(DISTINCT shape)::INTEGER AS shapes,
        count(*)::INTEGER AS bodies FROM prints`,
    )
    assert.ok(Number(counts?.['prints']) < Number(counts?.['bodies']))
    assert.ok(Number(counts?.['shapes']) > 500, JSON.stringify(counts))
  })
})

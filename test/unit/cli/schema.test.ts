/** Schemas from the command line: what is known, what was seen, what becomes known. */
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { nodeFiles } from '../../../src/core/node-files.ts'
import { seededRandom } from '../../../src/core/random.ts'
import type { EventEntry } from '../../../src/journal/entry.ts'
import { writeParquet } from '../../../src/lake/sql/parquet-writer.ts'
import { literal } from '../../../src/lake/sql/quote.ts'
import { violations } from '../../../src/tables/silver.ts'
import { event } from '../../support/deliveries.ts'
import { openTestLake } from '../../support/lake.ts'
import { type Desk, openDesk } from '../../support/shell.ts'

const presence = 'v2.users.{id}.presence'

let desk: Desk
beforeEach(async () => {
  desk = await openDesk({ environment: { USER: 'ana' } })
})
afterEach(() => desk.dispose())

async function json(...args: string[]) {
  const ran = await desk.run('schema', ...args, '--json')
  return { code: ran.code, ...JSON.parse(ran.stdout || ran.stderr) }
}

interface Told {
  readonly topic?: string
  readonly path: string
  readonly rule: string
  readonly type?: string | null
}

let seed = 1

/** Rows of `silver.violations`, as the loader would have told them of the schemas in force. */
async function tell(...told: Told[]): Promise<void> {
  const { topics } = await json('list')
  const versions = new Map<string, string | null>(
    topics.map((one: { topic: string; version: string | null }) => [one.topic, one.version]),
  )
  const text = (one: string | null) => (one === null ? 'NULL' : literal(one))
  const values = told.map(({ topic = presence, path, rule, type = null }, at) =>
    [topic, versions.get(topic) ?? null, path, rule, type, `e${at}`].map(text).join(', '),
  )
  const own = ['topic', 'schema_version', 'path', 'rule', 'type_seen', 'event_id']
  const columns = violations.columns
    .filter(({ name }) => name !== 'date')
    .map(({ name, type }) => {
      if (name === 'received_at') return `TIMESTAMPTZ '2026-01-05 06:07:08Z' AS received_at`
      return `${own.includes(name) ? name : 'NULL'}::${type} AS ${name}`
    })
  const rows = `(VALUES (${values.join('), (')})) AS told(${own.join(', ')})`
  const lake = await openTestLake({ root: join(desk.folder, 'data/lake'), seed: ++seed })
  const table = await lake.lake.table(violations)
  const file = await writeParquet(
    { engine: lake.engine, files: nodeFiles, random: seededRandom(++seed) },
    {
      table: violations,
      select: `SELECT ${columns.join(', ')} FROM ${rows}`,
      partitionValues: { date: '2026-01-05' },
      folder: lake.scratch,
    },
  )
  await table.commit({ operation: 'WRITE', adds: await table.publish([file]), txns: [] })
  await lake.dispose()
}

/** Made durable, where there are any, and landed. */
async function land(...entries: EventEntry[]): Promise<void> {
  if (entries.length > 0) await desk.append(...entries)
  assert.equal((await desk.run('loader', '--once')).code, 0)
}

async function versionOf(topic: string): Promise<{ version: string; origin: string }> {
  const { topics } = await json('list')
  const { version, origin } = topics.find((one: { topic: string }) => one.topic === topic)
  return { version, origin }
}

suite('schema list', () => {
  test('shows what Inlet knows itself, without a lake too', async () => {
    const { code, topics, conflicts, waiting } = await json('list')
    assert.deepEqual([code, conflicts, waiting], [0, [], 0])
    assert.ok(topics.length > 90)
    const { version, ...rest } = topics.find((one: { topic: string }) => one.topic === presence)
    assert.match(version, /^1\.[0-9a-f]{12}$/)
    const nothing = { events: 0, openDeviations: 0, incompatible: 0 }
    assert.deepEqual(rest, { topic: presence, origin: 'seed', ...nothing })
  })

  test('counts events by topic, also of topics that nothing is known of', async () => {
    const uuid = '2f7bf00a-0fc2-4d6a-9b56-92238191433e'
    const notification = { dialect: 'notification' } as const
    await land(
      event('a', '{}', {
        ...notification,
        topic: `v2.users.${uuid}.presence`,
        eventType: 'user.presence',
      }),
      event('b', '{}', { ...notification, topic: `v2.new.${uuid}.things`, eventType: 'other' }),
      event('c', '{}', { dialect: 'event-subscription', topic: null, eventType: 'call.event' }),
    )
    const { topics } = await json('list', '--seen')
    const told = topics.map((one: { topic: string; origin: string | null; events: number }) =>
      [one.topic, one.origin, one.events].join(' '),
    )
    assert.deepEqual(told, [
      'call.event seed 1',
      'v2.new.{id}.things  1',
      'v2.users.{id}.presence seed 1',
    ])
    const { stdout } = await desk.run('schema', 'list', '--seen')
    assert.match(stdout, /v2\.new\.\{id\}\.things +- +none +1/)
    const { unknownTopics, code } = await json('diff')
    assert.deepEqual([unknownTopics, code], [[{ topic: 'v2.new.{id}.things', events: 1 }], 0])
  })
})

suite('schema diff', () => {
  test('tells compatible from incompatible, and fails for these', async () => {
    await tell(
      { path: 'mood', rule: 'unknown_field', type: 'VARCHAR' },
      { path: 'mood', rule: 'unknown_field', type: 'UBIGINT' },
      { path: 'primary', rule: 'type_changed', type: 'UBIGINT' },
      { topic: 'interaction', path: 'data.metrics.holdTime', rule: 'negative', type: 'DOUBLE' },
    )
    const { code, compatible, incompatible, values } = await json('diff')
    assert.equal(code, 1)
    assert.deepEqual(
      values.map((one: Told) => `${one.topic} ${one.path} ${one.rule}`),
      ['interaction data.metrics.holdTime negative'],
    )
    const time = { firstSeen: '2026-01-05T06:07:08.000Z', lastSeen: '2026-01-05T06:07:08.000Z' }
    const mood = { path: 'mood', rule: 'unknown_field', typesSeen: ['UBIGINT', 'VARCHAR'] }
    assert.deepEqual(compatible, [
      { topic: presence, compatible: true, events: 2, ...mood, ...time },
    ])
    const paths = incompatible.map((one: Told) => `${one.topic} ${one.path}`)
    assert.deepEqual(paths, [`${presence} primary`])
    const one = await desk.run('schema', 'diff', presence)
    assert.match(
      one.stdout,
      /^Incompatible\n {2}v2\.users\.\{id\}\.presence\n {5}primary +type_changed/,
    )
    assert.doesNotMatch(one.stdout, /holdTime/)
    assert.match(one.stdout, /mood +unknown_field +integer or string +2 events/)
    assert.match(one.stdout, /\n\ntype_changed +\w.*\nunknown_field +The schema does not know.*\n$/)
  })

  test('finds nothing in a lake that is not there', async () => {
    const { code, stdout } = await desk.run('schema', 'diff')
    assert.deepEqual([code, stdout], [0, 'Nothing deviates.\n'])
  })
})

suite('schema approve', () => {
  test('takes all that is compatible into the next version, which then holds', async () => {
    await tell(
      { path: 'mood', rule: 'unknown_field', type: '{"word":"VARCHAR"}' },
      { path: 'primary', rule: 'type_changed', type: 'UBIGINT' },
    )
    const before = await versionOf(presence)
    const ran = await json('approve', presence)
    assert.equal(ran.code, 0)
    const [{ version, follows, changes }] = ran.approved
    assert.match(version, /^2\./)
    assert.equal(follows, before.version)
    const added = (path: string, after: string) => ({
      ...{ path, change: 'added', compatible: true, before: null, after },
    })
    assert.deepEqual(changes, [added('mood', 'object')])
    assert.deepEqual(await versionOf(presence), { version, origin: 'approved' })
    assert.equal((await json('list')).waiting, 1)

    await land()
    assert.deepEqual(await versionOf(presence), { version, origin: 'approved' })
    assert.equal((await json('list')).waiting, 0)
    const notes = await desk.run('query', '--json', 'SELECT reason, detail FROM bronze.notes')
    const [note] = JSON.parse(notes.stdout)
    assert.equal(note.reason, 'schema_approved')
    const { topic, who, schema } = JSON.parse(note.detail)
    assert.deepEqual([topic, who], [presence, 'ana'])
    assert.ok(schema.properties.mood)
    const { compatible } = await json('diff')
    assert.deepEqual(compatible, [])
  })

  test('builds on an approval that has not landed', async () => {
    await tell({ path: 'mood', rule: 'unknown_field', type: 'VARCHAR' })
    await json('approve', presence)
    await tell({ path: 'hat', rule: 'unknown_field', type: 'VARCHAR' })
    const { approved } = await json('approve', presence)
    assert.match(approved[0].version, /^3\./)
    assert.ok(approved[0].schema.properties.mood && approved[0].schema.properties.hat)
    await land()
    assert.equal((await versionOf(presence)).version, approved[0].version)
  })

  test('takes what is incompatible only where its path is named', async () => {
    await tell(
      { path: 'mood', rule: 'unknown_field', type: 'VARCHAR' },
      { path: 'primary', rule: 'type_changed', type: 'UBIGINT' },
    )
    const { approved } = await json('approve', presence, '--path', 'primary', '--dry-run')
    assert.deepEqual(
      approved[0].changes.map((one: { path: string; after: string }) => [one.path, one.after]),
      [['primary', 'boolean or integer']],
    )
    assert.match((await versionOf(presence)).version, /^1\./)
    const wrong = await json('approve', presence, '--path', 'nothing')
    assert.deepEqual([wrong.code, wrong.error.code], [2, 'INL_SCH_NOT_SEEN'])
  })

  test('does nothing where nothing was seen', async () => {
    const { code, approved } = await json('approve', presence)
    assert.deepEqual([code, approved], [0, []])
    const unknown = await json('approve', 'v2.none')
    assert.deepEqual([unknown.code, unknown.error.code], [2, 'INL_SCH_UNKNOWN'])
  })

  test('takes a JSON Schema from a file, and says what is wrong with one', async () => {
    await desk.write('order.json', '{"type":"object","properties":{"id":{"type":"string"}}}')
    await json('approve', 'generic:order.placed', '--file', 'order.json')
    assert.match((await versionOf('generic:order.placed')).version, /^1\./)
    await desk.write('bad.json', '{"type":"strng"}')
    const { code, error } = await json('approve', presence, '--file', 'bad.json')
    assert.deepEqual([code, error.code], [2, 'INL_SCH_FILE'])
    assert.match(error.message, /type must be/)
  })
})

suite('schema sync', () => {
  const topic = 'v2.analytics.users.details.jobs.availability'
  const answer = (schema: object) => JSON.stringify({ entities: [{ id: topic, schema }] })
  const properties = { dataAvailabilityDate: { type: 'string', format: 'date-time' } }

  test('approves what Genesys tells, if that is compatible and asked for', async () => {
    const schema = { type: 'object', properties: { ...properties, extra: { type: 'integer' } } }
    await desk.write('topics.json', answer(schema))
    const shown = await json('sync', '--from', 'topics.json')
    assert.deepEqual([shown.code, shown.approved, shown.compatible.length], [0, [], 1])
    assert.equal((await versionOf(topic)).origin, 'seed')
    const done = await json('sync', '--from', 'topics.json', '--yes')
    assert.deepEqual([done.code, done.approved.length], [0, 1])
    assert.equal((await versionOf(topic)).origin, 'approved')
    const again = await json('sync', '--from', 'topics.json', '--yes')
    assert.deepEqual([again.approved, again.compatible, again.incompatible], [[], [], []])
  })

  test('leaves what is incompatible to be looked at', async () => {
    await desk.write('topics.json', answer({ type: 'object', properties: { other: {} } }))
    const { code, approved, incompatible } = await json('sync', '--from', 'topics.json', '--yes')
    assert.deepEqual([code, approved, incompatible.length], [1, [], 1])
    await desk.write('none.json', '[]')
    assert.equal((await json('sync', '--from', 'none.json')).error.code, 'INL_SCH_FILE')
  })
})

suite('the folder of schemas', () => {
  const file = (version: number, name: string) =>
    JSON.stringify({ topic: presence, version, schema: { properties: { [name]: {} } } })

  test('holds schemas of the operator, which an approval follows', async () => {
    await mkdir(join(desk.folder, 'schemas'))
    await desk.write('schemas/presence.json', file(4, 'mood'))
    const { version, origin } = await versionOf(presence)
    assert.deepEqual([version.slice(0, 2), origin], ['4.', 'file'])
    await tell({ path: 'hat', rule: 'unknown_field', type: 'VARCHAR' })
    const { approved } = await json('approve', presence)
    assert.match(approved[0].version, /^5\./)
    await desk.write('schemas/later.json', file(5, 'other'))
    const { conflicts } = await json('list')
    assert.deepEqual(conflicts, [{ topic: presence, number: 5 }])
    assert.equal((await versionOf(presence)).version, approved[0].version)
  })

  test('with two versions that differ is refused, and both are named', async () => {
    await mkdir(join(desk.folder, 'schemas'))
    await desk.write('schemas/a.json', file(2, 'mood'))
    await desk.write('schemas/b.json', file(2, 'hat'))
    const { code, error } = await json('list')
    assert.deepEqual([code, error.code], [2, 'INL_SCH_CONFLICT'])
    assert.match(error.message, /a\.json and .*b\.json/)
    await desk.write('schemas/b.json', 'nonsense')
    assert.equal((await json('list')).error.code, 'INL_SCH_FILE')
  })
})

suite('drift', () => {
  const uuid = '2f7bf00a-0fc2-4d6a-9b56-92238191433e'
  const topicName = `v2.users.${uuid}.presence`
  const told = (id: string, eventBody: object) =>
    event(id, JSON.stringify({ topicName, eventBody }), {
      ...{ dialect: 'notification', topic: topicName, eventType: 'user.presence' },
    })
  const body = { source: 'PURECLOUD', primary: true, mood: 'fine', mobile: '+15550100042' }

  test('is told when events land, and no more once it is approved', async () => {
    await land(told('a', body), told('b', { ...body, source: 7 }))
    const { compatible, incompatible } = await json('diff')
    assert.deepEqual(
      compatible.map((one: Told & { events: number }) => `${one.path} ${one.rule} ${one.events}`),
      ['mobile unknown_field 2', 'mood unknown_field 2', 'source type_converted 1'],
    )
    assert.deepEqual(incompatible, [])
    const { topics } = await json('list', '--seen')
    assert.deepEqual([topics[0].events, topics[0].openDeviations], [2, 3])

    await json('approve', presence, '--path', 'mood')
    await land(told('c', body))
    await land(told('d', body))
    const { compatible: left } = await json('diff')
    assert.deepEqual(
      left.map((one: Told & { events: number }) => `${one.path} ${one.events}`),
      ['mobile 4'],
    )
    const found = await desk.run(
      'query',
      '--json',
      `SELECT event_id, path, schema_version[1] AS number FROM silver.violations
        WHERE event_id IN ('c', 'd') ORDER BY ALL`,
    )
    const rows = JSON.parse(found.stdout).map((row: object) => Object.values(row).join(' '))
    assert.deepEqual(rows, ['c mobile 2', 'd mobile 2'])
  })

  test('is told of the kind of event whatever its ids are, each field once', async () => {
    const topic = 'v2.detail.events.conversation.{id}.user.end'
    const ended = (id: string, interactingDurationMs: unknown) => {
      const topicName = topic.replace('{id}', `conversation-${id}`)
      const told = { conversationId: `conversation-${id}`, interactingDurationMs }
      return event(id, JSON.stringify({ topicName, eventBody: told }), {
        ...{ dialect: 'notification', topic: topicName, eventType: 'user.end' },
      })
    }
    await land(ended('a', 'many'), ended('b', 'more'), ended('c', '7'), ended('d', -1))
    const { compatible, values } = await json('diff', topic)
    const about = (found: (Told & { events: number })[]) =>
      found
        .filter(({ path }) => path === 'interactingDurationMs')
        .map(({ rule, events }) => `${rule} ${events}`)
    assert.deepEqual(about(compatible), ['type_converted 1'])
    assert.deepEqual(about(values), ['negative 1', 'not_a_number 2'])
    const { topics } = await json('list', '--seen')
    assert.deepEqual(
      topics.map((one: { topic: string }) => one.topic),
      [topic],
    )
    const found = await desk.run(
      'query',
      '--json',
      'SELECT DISTINCT topic, schema_version IS NULL AS n FROM silver.violations',
    )
    assert.deepEqual(JSON.parse(found.stdout), [{ topic, n: false }])
  })
})

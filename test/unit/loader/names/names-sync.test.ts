import assert from 'node:assert/strict'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { InletError } from '../../../../src/core/errors.ts'
import { nodeFiles } from '../../../../src/core/node-files.ts'
import { seededRandom } from '../../../../src/core/random.ts'
import type { JsonObject } from '../../../../src/event/json.ts'
import type { GenesysClient } from '../../../../src/genesys/client.ts'
import type { NameKind } from '../../../../src/genesys/names.ts'
import { NamesMeter } from '../../../../src/loader/names/names-meter.ts'
import { NamesSync } from '../../../../src/loader/names/names-sync.ts'
import type { EventFields, EventName } from '../../../../src/observe/events.ts'
import { compilePolicy, type Policy } from '../../../../src/privacy/policy.ts'
import { conversations, queueIntervals } from '../../../../src/tables/gold.ts'
import { queues, users } from '../../../../src/tables/names.ts'
import { openTestClient, startTestCloud, type TestCloud } from '../../../support/cloud.ts'
import { openTestGold, type TestGold } from '../../../support/gold.ts'

const never = new AbortController().signal
const masking = (...rules: Parameters<typeof compilePolicy>[0]['rules']): Policy =>
  compilePolicy({ rules, key: null, country: null })
const keepingNames = masking({ field: 'user.name', action: 'keep' })
const paths = { users: '/api/v2/users', queues: '/api/v2/routing/queues' }

suite('names that are synced from Genesys Cloud', () => {
  let cloud: TestCloud
  let lake: TestGold
  let client: ReturnType<typeof openTestClient>
  let told: (readonly [EventName, EventFields])[]
  let erased: Set<string>

  beforeEach(async () => {
    cloud = await startTestCloud()
    lake = await openTestGold()
    client = openTestClient({ host: cloud.host, tries: 1 })
    told = []
    erased = new Set()
  })
  afterEach(async () => {
    await cloud.stop()
    await lake.dispose()
  })

  interface Changed {
    readonly policy?: Policy
    readonly orgId?: string
    readonly by?: GenesysClient
  }

  async function sync(changed: Changed = {}): Promise<void> {
    const { policy = masking(), orgId = cloud.orgId, by = client } = changed
    const deps = {
      ...lake,
      policy,
      files: nodeFiles,
      random: seededRandom(3),
      observer: (event: EventName, fields: EventFields = {}) => void told.push([event, fields]),
      erasure: { load: async () => {}, names: (text: string) => erased.has(text) },
      meter: new NamesMeter(),
    }
    const options = { orgs: [{ orgId, client: by }], scratch: lake.scratch }
    await new NamesSync(deps, options).run(never)
    lake.clock.advance(60_000)
  }

  function change(kind: keyof typeof paths, id: string, body: JsonObject) {
    return client.call({ method: 'PATCH', path: `${paths[kind]}/${id}`, body })
  }
  const remove = (kind: keyof typeof paths, id: string) =>
    client.call({ method: 'DELETE', path: `${paths[kind]}/${id}` })
  const namesOf = async (sql: string) => {
    const { columns, rows } = await lake.query(sql)
    return rows.map((row) => Object.fromEntries(columns.map(({ name }, at) => [name, row[at]])))
  }
  const reasons = () =>
    told.flatMap(([event, { table, reason }]) =>
      event === 'names_not_synced' ? [`${table}: ${reason}`] : [],
    )

  test('every table has what is listed, and a second sync commits nothing', async () => {
    await sync()
    const kinds: NameKind[] = ['users', 'queues', 'wrapup_codes', 'skills', 'divisions']
    for (const kind of [...kinds, 'flows', 'presences']) {
      const rows = await namesOf(`
        SELECT count(*) AS n, count(valid_to) AS closed, count(name) AS named
        FROM silver.${kind} WHERE org_id = '${cloud.orgId}'`)
      const { n, closed, named } = rows[0] ?? {}
      assert.ok(Number(n) > 0, kind)
      assert.deepEqual([Number(closed), named], [0, n], kind)
    }
    const { version } = await lake.lake.table(queues)
    await sync()
    assert.equal((await lake.lake.table(queues)).version, version)
    assert.deepEqual(reasons(), [])
  })

  test('gold is asked by the names that held, before and after a rename', async () => {
    const [queue] = cloud.world.queues
    const [agent] = cloud.world.agents
    assert.ok(queue !== undefined && agent !== undefined)
    const first = lake.clock.now()
    await sync({ policy: keepingNames })
    await change('queues', queue.id, { name: 'Renamed' })
    const second = lake.clock.now()
    await sync({ policy: keepingNames })
    const ids = { queue: queue.id, agent: agent.id, orgId: cloud.orgId }
    await landGold(lake, ids, [first - 86_400_000, first, second, second + 1])
    const found = await namesOf(
      'SELECT queue_names, user_names, wrap_up_names FROM gold.named_conversations ORDER BY start_time',
    )
    const names = (row: (typeof found)[number]) => JSON.stringify(row['queue_names'])
    const before = `[${JSON.stringify(queue.name)},null]`
    assert.deepEqual(found.map(names), [before, before, '["Renamed",null]', '["Renamed",null]'])
    assert.deepEqual(found[0]?.['user_names'], [agent.name])
    assert.deepEqual(found[0]?.['wrap_up_names'], [])
    const intervals = await namesOf(
      'SELECT queue_name FROM gold.named_queue_intervals ORDER BY interval_start',
    )
    assert.deepEqual(
      intervals.map((row) => row['queue_name']),
      [queue.name, queue.name, 'Renamed', 'Renamed'],
    )
  })

  test('a list that breaks off leaves its table as it is', async () => {
    await sync()
    const before = await namesOf('FROM silver.queues ORDER BY id')
    const failed = { org: 'prod', call: 'GET', status: 500, reason: 'cut' }
    const by: GenesysClient = {
      org: 'prod',
      follow: (uri) => client.follow(uri),
      own: (uri) => client.own(uri),
      async call(call) {
        if (call.path.includes('pageNumber=2')) throw new InletError('INL_GEN_FAILED', failed)
        return client.call({ ...call, query: { ...call.query, pageSize: 2 } })
      },
    }
    await sync({ by })
    assert.ok(reasons().some((reason) => /silver\.queues: .*could not answer/.test(reason)))
    assert.deepEqual(await namesOf('FROM silver.queues ORDER BY id'), before)
  })

  test('a list that is empty or may not be read leaves its table', async () => {
    await sync()
    const { version } = await lake.lake.table(queues)
    for (const { id } of cloud.world.queues) await remove('queues', id)
    cloud.faults.missingPermissions = ['directory:user:view']
    await sync()
    const [usersReason = '', queuesReason = ''] = reasons()
    assert.match(usersReason, /silver\.users: .*lacks directory:user:view/)
    assert.match(queuesReason, /silver\.queues: .*prod lists nothing for silver\.queues/)
    assert.equal(reasons().length, 2)
    assert.equal((await lake.lake.table(queues)).version, version)
  })

  test('users are told as the rules say, and rules change no interval', async () => {
    const [user] = cloud.world.agents
    assert.ok(user !== undefined)
    const ask = () =>
      namesOf(`SELECT name, email, valid_from FROM silver.users WHERE id = '${user.id}'`)
    await sync()
    const [masked] = await ask()
    assert.equal(masked?.['name'], '***')
    assert.match(String(masked?.['email']), /^\*\*\*@/)
    await sync({ policy: keepingNames })
    const kept = await ask()
    assert.deepEqual([kept.length, kept[0]?.['name']], [1, user.name])
    assert.equal(String(kept[0]?.['valid_from']), String(masked?.['valid_from']))
    await change('users', user.id, { name: 'Somebody Else' })
    await sync({ policy: keepingNames })
    await sync()
    assert.deepEqual(
      (await ask()).map((row) => row['name']),
      ['***', '***'],
    )
  })

  test('whoever was erased has no row, found by id or by address', async () => {
    const [one, other] = cloud.world.agents
    assert.ok(one !== undefined && other !== undefined)
    await lake.load([])
    await sync()
    for (const name of [one.id, other.person.email]) erased.add(name)
    await sync()
    const rows = await namesOf('SELECT id FROM silver.users')
    assert.equal(rows.length, cloud.world.agents.length - 2)
    assert.ok(rows.every(({ id }) => id !== one.id && id !== other.id))
  })

  test('a client of another organisation brings nothing', async () => {
    await sync({ orgId: '00000000-0000-4000-8000-000000000000' })
    assert.match(reasons().join(), /belongs to the organisation/)
    assert.equal(await lake.lake.find(users), null)
  })
})

interface Ids {
  readonly queue: string
  readonly agent: string
  readonly orgId: string
}

/** Conversations and intervals of the queue, one at each time. */
async function landGold(lake: TestGold, ids: Ids, times: readonly number[]): Promise<void> {
  const at = (time: number) => new Date(time).toISOString()
  const rows = times.map((time, index) => ({
    conversation_id: `conversation-${index}`,
    org_id: ids.orgId,
    start_time: at(time),
    interval_start: at(time),
    queue_ids: [ids.queue, 'nobody-knows'],
    queue_id: ids.queue,
    user_ids: [ids.agent],
    wrap_up_codes: [],
    date: at(time).slice(0, 10),
    bucket: 0,
  }))
  for (const table of [conversations, queueIntervals]) await lake.landRows(table, rows)
}

/**
 * Names out of Genesys Cloud, beside a running Inlet: a queue is renamed in between, the loader is
 * killed, an agent is erased.
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../src/core/free-port.ts'
import { openTestClient, startTestCloud, type TestCloud } from '../support/cloud.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { told } from './commands-in.ts'
import { pidOf, pidsOf, until, untilStarted } from './inlet-output.ts'
import { type InletProcess, runInlet, startInlet } from './inlet-process.ts'
import { settled } from './settled.ts'
import { runIsUp } from './several-gateways.ts'

const env = {
  INLET_TEST_KEY: 'a-key-that-is-long-enough-to-be-one',
  INLET_TEST_CLIENT: 'simulator',
}
const presencesSynced = /"event":"names_synced".*silver\.presences/

suite('names out of Genesys Cloud', () => {
  let folder: { path: string; dispose: () => Promise<void> }
  let cloud: TestCloud
  let port: number
  let inlet: InletProcess

  before(async () => {
    folder = await temporaryFolder()
    cloud = await startTestCloud()
    port = await freePort()
    const text = `listen: { host: 127.0.0.1, port: ${port} }
orgs:
  - name: prod
    orgId: ${cloud.orgId}
    host: "${cloud.host}"
    clientId: { env: INLET_TEST_CLIENT }
    clientSecret: { env: INLET_TEST_CLIENT }
sources: [{ name: trial, org: prod, path: /events, auth: none }]
privacy: { key: { env: INLET_TEST_KEY } }
journal: { minFree: 0B, ephemeral: true }
lake: { commitEvery: 100ms, silverEvery: 1s, goldEvery: 1s }
ops: { port: 0 }
`
    writeFileSync(join(folder.path, 'inlet.yaml'), text)
    inlet = startInlet(['run'], { cwd: folder.path, env })
    await until(inlet, runIsUp)
    await until(inlet, presencesSynced)
  })
  after(async () => {
    inlet.signal('SIGTERM')
    await inlet.ended
    await cloud.stop()
    await folder.dispose()
  })

  const place = () => ({ cwd: folder.path, env })

  const query = (sql: string): Promise<Record<string, unknown>[]> => told(place(), 'query', sql)

  async function waitFor(isThere: () => Promise<boolean>): Promise<void> {
    while (!(await isThere())) await sleep(200)
  }

  /** A conversation that waits in a queue at this moment. */
  async function waits(conversationId: string, queueId: string): Promise<void> {
    const common = { conversationId, participantId: 'p', sessionId: 's', mediaType: 'VOICE' }
    for (const [index, name] of ['customer.start', 'acd.start', 'acd.end'].entries()) {
      const eventBody = { ...common, eventTime: Date.now() + index, queueId }
      const topicName = `v2.detail.events.conversation.${conversationId}.${name}`
      const body = JSON.stringify({ topicName, version: '2', eventBody })
      const answer = await fetch(`http://127.0.0.1:${port}/events`, { method: 'POST', body })
      assert.equal(answer.status, 200)
    }
  }

  /** Started again by its parent, it asks for the names at once. */
  async function killLoader(): Promise<void> {
    process.kill(await pidOf(inlet, 'loader'), 'SIGKILL')
    await untilStarted(inlet, 'loader', pidsOf(inlet, 'loader').length + 1)
  }

  test('conversations are told by the name that their queue had', async () => {
    const [queue] = cloud.world.queues
    assert.ok(queue !== undefined)
    await waits('11111111-0000-4000-8000-000000000000', queue.id)
    const client = openTestClient({ host: cloud.host })
    const path = `/api/v2/routing/queues/${queue.id}`
    await client.call({ method: 'PATCH', path, body: { name: 'Renamed' } })
    await killLoader()
    const names = () =>
      query(`SELECT name, valid_from, valid_to FROM silver.queues WHERE id = '${queue.id}'
        ORDER BY valid_from`)
    await waitFor(async () => (await names()).length === 2)
    const [one, two] = await names()
    assert.deepEqual([one?.['name'], two?.['name']], [queue.name, 'Renamed'])
    assert.deepEqual([one?.['valid_to'], two?.['valid_to']], [two?.['valid_from'], null])
    await waits('22222222-0000-4000-8000-000000000000', queue.id)
    await settled(place())
    const told = await query('SELECT queue_names FROM gold.named_conversations ORDER BY start_time')
    assert.deepEqual(
      told.map((row) => row['queue_names']),
      [[queue.name], ['Renamed']],
    )
  })

  test('an agent who is erased has no name, and gets none by a later list', async () => {
    const [agent, other] = cloud.world.agents
    assert.ok(agent !== undefined && other !== undefined)
    const there = () =>
      query(`SELECT id, name FROM silver.users WHERE id IN ('${agent.id}', '${other.id}')`)
    const before = await there()
    assert.equal(before.length, 2)
    for (const { name } of before) assert.match(String(name), /^h1:/)
    const here = { cwd: folder.path, env }
    for (const asked of [
      ['--user', agent.id],
      ['--email', agent.person.email],
    ]) {
      const { stdout } = await runInlet(['export', ...asked], here)
      const lines = stdout.trim().split('\n')
      const told = lines.map((line) => JSON.parse(line)).filter(({ table }) => table !== undefined)
      assert.deepEqual(
        told.map(({ table, id, name }) => [table, id, name]),
        before
          .filter(({ id }) => id === agent.id)
          .map(({ id, name }) => ['silver.users', id, name]),
      )
    }
    await runInlet(['erase', '--user', agent.id], here)
    const none = await runInlet(['export', '--user', agent.id], { ...here, expected: [1] })
    assert.equal(none.stdout, '')
    const left = (await there()).map(({ id }) => id)
    assert.deepEqual(left, [other.id])
    const client = openTestClient({ host: cloud.host })
    const body = { name: 'Somebody Else' }
    await client.call({ method: 'PATCH', path: `/api/v2/users/${other.id}`, body })
    await killLoader()
    await waitFor(async () => (await there()).length === 2)
    assert.ok((await there()).every(({ id }) => id === other.id))
    // By the address that the list has, as a pseudonym: every state, and at once.
    const email = ['erase', '--email', other.person.email, '--json']
    const tried = JSON.parse((await runInlet([...email, '--dry-run'], here)).stdout)
    const done = JSON.parse((await runInlet(email, here)).stdout)
    for (const { tables } of [tried, done]) assert.equal(tables['silver.users'], 1)
    assert.deepEqual(await there(), [])
  })
})

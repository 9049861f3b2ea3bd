/** I8: personal data is planted in every field there is, and looked for in all that is left. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { freePort } from '../../src/core/free-port.ts'
import { temporaryFolder } from '../support/temporary.ts'
import type { Place } from './commands-in.ts'
import { metricsOf, until } from './inlet-output.ts'
import { type InletProcess, runInlet, startInlet } from './inlet-process.ts'
import { writeOneSource } from './one-source.ts'
import { plantedIn } from './planted.ts'
import { settled } from './settled.ts'

const key = 'a-key-that-is-long-enough-to-be-one'
const planted = ['3175551234', '555-1234', 'jane.doe', 'Planted', 'Persona', '198.51.100.7', key]

const conversation = '2f7bf00a-0fc2-4d6a-9b56-92238191433e'
const user = '3f7bf00a-0fc2-4d6a-9b56-92238191433e'
const topic = (name: string) => `v2.detail.events.conversation.${conversation}.${name}`
const personal = {
  ani: 'tel:+13175551234',
  dnis: 'sip:+13175551234@jane.doe.example',
  addressTo: 'jane.doe@host.example',
  addressFrom: '+1 317-555-1234',
  callbackUserName: 'Planted Persona',
  callbackNumbers: ['3175551234', '+13175551234'],
  subject: 'Planted: call 317-555-1234',
  wrapupNotes: 'Planted Persona asked for it',
}
const step = (name: string, more: object) => ({
  topicName: topic(name),
  version: '2',
  eventBody: {
    eventTime: 1767268800000,
    conversationId: conversation,
    participantId: user,
    sessionId: user,
    mediaType: 'VOICE',
    direction: 'INBOUND',
    ...personal,
    ...more,
  },
  metadata: { CorrelationId: `c-${name}`, trace: 'Planted' },
})
const bodies: readonly unknown[] = [
  step('customer.start', { unheard: { of: ['Planted Persona', 3175551234] } }),
  step('attributes', { attributes: { name: 'Planted Persona', 'jane.doe@host.example': '1' } }),
  step('acw', { userId: user, wrapupCode: 'x', mediaType: { 'Planted Persona': 'x' } }),
  {
    version: '0',
    id: '58fb5dac-f077-4eec-a25f-c638dbdd4368',
    'detail-type': 'v2.detail.events.conversation.{id}.customer.end',
    source: 'aws.partner/genesys.com/cloud/32aa07aa-db1b-4987-abd0-9483601ec29d/bus',
    time: '2026-01-01T12:00:00Z',
    detail: { ...step('customer.end', { interactingDurationMs: 'Planted' }), planted: 'Planted' },
  },
  {
    notificationId: 'n-1',
    timestamp: '2026-01-01T12:00:00Z',
    eventType: 'interaction',
    data: {
      interactionId: 'i-1',
      type: 'call',
      metrics: { talkTime: 'Planted' },
      participants: [{ id: 'p', role: 'customer', name: 'Planted Persona', phone: '3175551234' }],
    },
  },
  { notificationId: 'n-2', eventType: 'agentLogin', data: { userId: user, name: 'Planted' } },
  {
    messageId: 'm-1',
    eventType: 'call.event',
    contact: {
      id: 'c-1',
      phoneNumber: '(317) 555-1234',
      customerName: 'Planted Persona',
      email: 'jane.doe@host.example',
    },
    agent: { id: 'a-1', agentName: 'Planted Persona' },
    transcript: ['Planted Persona said 317 555 1234'],
  },
  {
    topicName: `v2.users.${user}.presence`,
    version: '2',
    eventBody: { source: 'PURECLOUD', message: 'Planted', primary: true },
  },
  {
    topicName: 'v2.audits.entitytype.x.entityid.y',
    eventBody: { username: { name: 'Planted' }, remoteIp: ['198.51.100.7'], id: 'a' },
  },
  { conversationId: conversation, participants: [{ participantName: 'Planted Persona' }] },
  { anything: 'Planted', 'Planted Persona': { '3175551234': 1 }, list: ['jane.doe@host.example'] },
  '{"broken": "Planted Persona 317-555-1234',
]

for (const bronze of ['raw', 'masked']) {
  suite(`with bronze: ${bronze}`, () => {
    let folder: { path: string; dispose: () => Promise<void> }
    let instance: DuckDBInstance
    let connection: DuckDBConnection
    let inlet: InletProcess | null = null
    const options = () => ({ cwd: folder.path, env: { INLET_PRIVACY_KEY: key } })
    before(async () => {
      folder = await temporaryFolder()
      instance = await DuckDBInstance.create(':memory:')
      connection = await instance.connect()
    })
    after(async () => {
      inlet?.signal('SIGKILL')
      connection.closeSync()
      instance.closeSync()
      await folder.dispose()
    })

    test('nothing shows what policy masks', async () => {
      const port = await freePort()
      writeOneSource(
        folder.path,
        port,
        `lake: { commitEvery: 100ms, silverEvery: 1s, goldEvery: 1s }
privacy: { key: { env: INLET_PRIVACY_KEY }, bronze: ${bronze}, country: US }`,
      )
      inlet = startInlet(['run'], options())
      await until(inlet, /"role":"run","pid":\d+,"event":"process_started"/)
      for (const body of bodies) await post(port, body)
      const pages = [await metricsOf(inlet), await metricsOf(inlet, '/books')]
      const shown = [...pages, ...(await listings(options()))]
      inlet.signal('SIGTERM')
      assert.equal(await inlet.ended, 0)
      shown.push(inlet.stderr(), inlet.stdout())
      for (const text of planted)
        assert.deepEqual(
          shown.filter((one) => one.includes(text)),
          [],
          text,
        )
      const looked = bronze === 'masked' ? ['data/lake'] : ['data/lake/silver', 'data/lake/gold']
      for (const name of looked)
        assert.deepEqual(await plantedIn(join(folder.path, name), planted), [])
      const files = `${folder.path}/data/lake/silver/*/**/*.parquet`
      const count = `SELECT count(*) AS n FROM read_parquet('${files}', union_by_name = true)`
      const [[rows] = []] = (await connection.runAndReadAll(count)).getRowsJS()
      assert.ok(Number(rows) >= bodies.length - 1, `${rows} rows of silver`)
    })
  })
}

async function post(port: number, body: unknown): Promise<void> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(`http://127.0.0.1:${port}/events`, { method: 'POST', body: text })
  assert.equal(response.ok, true)
  await response.text()
}

/** What commands show without being asked for bodies. */
async function listings(options: Place): Promise<string[]> {
  const shown: string[] = []
  await settled(options)
  const listed = await runInlet(['dead-letters', 'list', '--json'], options)
  const { deadLetters } = JSON.parse(listed.stdout)
  assert.ok(deadLetters.length > 0)
  const letters: string[] = deadLetters.map(({ id }: { id: string }) => id)
  const started = 'v2.detail.events.conversation.{id}.customer.start'
  const forBoth = [
    ['doctor'],
    ['dead-letters', 'list'],
    ...letters.map((id) => ['dead-letters', 'show', id]),
    ['trace', conversation],
    ['schema', 'list', '--seen'],
    ['schema', 'diff'],
    ['journal', 'inspect'],
  ]
  const forMachines = [
    ['status'],
    ['audit'],
    ['check-config'],
    ['dead-letters', 'replay', '--all', '--dry-run'],
    ['schema', 'approve', started, '--dry-run'],
    ['erase', '--phone', '+13175551234', '--dry-run'],
    ['query', 'FROM silver.violations'],
    ['query', 'FROM gold.conversations'],
  ]
  const asJson = [...forBoth, ...forMachines].map((one) => [...one, '--json'])
  for (const args of [...forBoth, ...asJson]) {
    const { stdout, stderr } = await runInlet(args, { ...options, expected: [0, 1] })
    assert.ok(stdout.length > 0, `${args.join(' ')}: ${stderr}`)
    shown.push(stdout, stderr)
  }
  return shown
}

/** Notification channels of a simulated Genesys Cloud, listened to by real processes. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../src/core/free-port.ts'
import { seededRandom } from '../../src/core/random.ts'
import { simulatorClient } from '../../src/simulator/cloud/cloud.ts'
import { openTestClient, orgSection, startTestCloud, type TestCloud } from '../support/cloud.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { told } from './commands-in.ts'
import { pidOf, until, untilMeasured, untilStarted } from './inlet-output.ts'
import { type InletProcess, runInlet, startInlet } from './inlet-process.ts'
import { runIsUp } from './several-gateways.ts'

let cloud: TestCloud
let folder: Awaited<ReturnType<typeof temporaryFolder>>
const started: InletProcess[] = []

beforeEach(async () => {
  cloud = await startTestCloud()
  folder = await temporaryFolder()
  const { agents, queues } = cloud.world
  const ids = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id).join(', ')
  writeFileSync(
    join(folder.path, 'inlet.yaml'),
    `listen: { host: 127.0.0.1, port: ${await freePort()} }
${orgSection(cloud)}
sources: [{ name: genesys, org: prod, path: /events, auth: none }]
channels: [{ org: prod, users: [${ids(agents)}], queues: [${ids(queues)}] }]
journal: { minFree: 0B, ephemeral: true }
lake: { commitEvery: 100ms }
ops: { port: 0 }
`,
  )
})
afterEach(async () => {
  // Only what a failed test has left.
  for (const inlet of started.splice(0)) inlet.signal('SIGKILL')
  await cloud.stop()
  await folder.dispose()
})

const { clientId: GC_ID, clientSecret: GC_SECRET } = simulatorClient
const place = () => ({ cwd: folder.path, env: { GC_ID, GC_SECRET } })

async function start(): Promise<InletProcess> {
  const inlet = startInlet(['run'], place())
  started.push(inlet)
  await until(inlet, runIsUp)
  // A process that is killed before it tells its first gap leaves it to the next one.
  await until(inlet, /"event":"channel_gap"/)
  await listening()
  return inlet
}

async function stop(inlet: InletProcess) {
  inlet.signal('SIGTERM')
  assert.equal(await inlet.ended, 0, inlet.stderr())
}

/** Says the next numbered thing about a user; false where nobody listens. */
let said = 0
/** When each was said. */
const saidAt = new Map<number, number>()
function say(): boolean {
  const [user = assert.fail()] = cloud.world.agents
  saidAt.set(said + 1, Date.now())
  const modifiedDate = new Date(Date.UTC(2026, 0, 2) + ++said).toISOString()
  const eventBody = { source: 'PURECLOUD', message: `${said}`, modifiedDate }
  const topicName = `v2.users.${user.id}.presence`
  return cloud.notify(topicName, { topicName, version: '2', eventBody }) > 0
}

/** Waits until somebody listens: what is said before is said into the wind. */
async function listening(): Promise<void> {
  while (!say()) await sleep(20)
}

async function rows(sql: string): Promise<string[][]> {
  const { stdout } = await runInlet(['query', '--format', 'csv', sql], place())
  const [, ...lines] = stdout.trim().split('\n')
  return lines.map((line) => line.split(','))
}

const numbers = `SELECT (body::JSON->'eventBody'->>'message')::INT AS n, outcome, count(*)
  FROM bronze.arrivals WHERE source = 'genesys' AND outcome <> 'note' GROUP BY ALL ORDER BY ALL`

test('what a channel says lands once, also what it says twice', async () => {
  const inlet = await start()
  const first = said
  for (let count = 0; count < 20; count++) assert.ok(say())
  said -= 5
  for (let count = 0; count < 5; count++) assert.ok(say())
  // With the one that was said to learn whether anybody listens; what is not heard is in a gap.
  await untilMeasured(inlet, /^inlet_channel_events_total\{.*\} 26$/m)
  await stop(inlet)
  const found = await rows(numbers)
  const events = found.filter(([, outcome]) => outcome === 'event').map(([n]) => Number(n))
  assert.deepEqual(
    events,
    Array.from({ length: 21 }, (_, index) => first + index),
  )
  // Of the same bytes nothing is kept but that they came.
  assert.deepEqual(found.at(-1), ['', 'duplicate', '5'])
  const audit = await told(place(), 'audit')
  assert.equal(audit.clean, true, JSON.stringify(audit))
})

test('listens to all who are listed, and follows the list', async () => {
  const path = join(folder.path, 'inlet.yaml')
  const named = readFileSync(path, 'utf8')
  const all = named.replace(/users: \[.*/, 'users: all, queues: all }]')
  assert.notEqual(all, named)
  writeFileSync(path, `${all}names: { every: 10s }\n`)
  const [, idle = assert.fail()] = cloud.world.agents
  const client = openTestClient(cloud)
  const turn = (state: string) =>
    client.call({ method: 'PATCH', path: `/api/v2/users/${idle.id}`, body: { state } })
  const topic = `v2.users.${idle.id}.presence`
  const isHeard = () => cloud.notify(topic, { topicName: topic, eventBody: {} }) > 0
  await turn('inactive')
  const inlet = await start()
  assert.equal(isHeard(), false)
  await turn('active')
  while (!isHeard()) await sleep(100)
  assert.ok(say(), 'to the others as well')
  await stop(inlet)
})

test('listens again after a kill, and tells what it did not hear', async () => {
  const inlet = await start()
  process.kill(await pidOf(inlet, 'channels'), 'SIGKILL')
  const between = Date.now()
  await untilStarted(inlet, 'channels', 2)
  await until(inlet, /"event":"channel_gap"[\s\S]*"event":"channel_gap"/)
  await listening()
  await stop(inlet)
  const gaps = await rows(`SELECT detail::JSON->>'reason', detail::JSON->>'from',
    detail::JSON->>'to' FROM bronze.arrivals WHERE reason = 'channel_gap' ORDER BY position`)
  // One of both starts, or one for both: a gap that was told but not yet durable when the kill
  // came is told again within the next.
  const last = gaps.at(-1) ?? assert.fail('no gap was told')
  assert.equal(last[0], 'start')
  assert.ok(Number(last[1]) <= between && between <= Number(last[2]), String(last))
  const [channels] = (await told(place(), 'status')).channels
  assert.equal(channels.org, 'prod')
  assert.equal(channels.gaps, gaps.length)
})

test('killed while it changes channels, what it did not hear lies in a gap', async () => {
  const seed = Date.now() % 2 ** 31
  const random = seededRandom(seed)
  const inlet = await start()
  const first = said
  for (let kills = 1; kills <= 4; kills++) {
    cloud.closeSockets(true)
    const moment = Date.now() + random.below(400)
    for (say(); Date.now() < moment; say()) await sleep(5)
    process.kill(await pidOf(inlet, 'channels'), 'SIGKILL')
    await untilStarted(inlet, 'channels', kills + 1)
    await listening()
  }
  await stop(inlet)
  const heard = await rows(`SELECT DISTINCT (body::JSON->'eventBody'->>'message')::INT
    FROM bronze.events WHERE source = 'genesys'`)
  const isHeard = new Set(heard.map(([number]) => Number(number)))
  const gaps = await rows(`SELECT detail::JSON->>'from', detail::JSON->>'to'
    FROM bronze.notes WHERE reason = 'channel_gap'`)
  for (let number = first; number <= said; number++) {
    const at = saidAt.get(number) ?? assert.fail()
    const isInGap = gaps.some(([from, to]) => Number(from) <= at && at <= Number(to))
    assert.ok(isHeard.has(number) || isInGap, `seed ${seed}: ${number} at ${at}: ${gaps}`)
  }
  assert.ok(isHeard.size > 0)
  const audit = await told(place(), 'audit')
  assert.equal(audit.clean, true, JSON.stringify(audit))
})

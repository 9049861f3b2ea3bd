/**
 * Fills every table by a real run, for readers.py: `node run.ts FOLDER folder`, or `bucket` for a
 * lake on the server of the environment. The names of an organisation, and conversations of two
 * days in every dialect, with late, repeated, unreadable and drifting deliveries; then somebody is
 * erased, the tables are compacted and checkpointed, and what is older than three days hence
 * allows is cleaned; then more come.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadConfig } from '../../../src/app/config/load.ts'
import type { Config } from '../../../src/app/config/schema.ts'
import { openLakeAt, openQueryAt } from '../../../src/app/lake-access.ts'
import { realMachine } from '../../../src/app/machine.ts'
import { simulate } from '../../../src/app/simulate.ts'
import { systemClock } from '../../../src/core/clock.ts'
import { freePort } from '../../../src/core/free-port.ts'
import { tableKey } from '../../../src/lake/delta/delta-table.ts'
import { eventBridgeDestination } from '../../../src/simulator/sending/contract.ts'
import { lakeTables } from '../../../src/tables/lake-tables.ts'
import { startTestCloud } from '../../support/cloud.ts'
import { until } from '../inlet-output.ts'
import { type InletProcess, runInlet, startInlet } from '../inlet-process.ts'
import { newBucket } from '../s3/bucket.ts'
import { runIsUp } from '../several-gateways.ts'
import { tellExpected } from './expected.ts'

const [folder = '', name = ''] = process.argv.slice(2)
const dayMs = 86_400_000
const own = join(folder, name)
// A commit to a bucket is many requests.
const events = name === 'bucket' ? 300 : 800
const port = await freePort()
const target = new URL(`http://127.0.0.1:${port}/events`)
const env = { KEY: 'of the readers, and of nobody else', CLIENT: 'simulator' }
const cloud = await startTestCloud()
const url = name === 'bucket' ? `s3://${await newBucket()}/lake` : join(own, 'lake')
const samples = fileURLToPath(new URL('../../../samples/constructed/', import.meta.url))

await mkdir(own, { recursive: true })
writeFileSync(
  join(own, 'inlet.yaml'),
  `listen: { host: 127.0.0.1, port: ${port} }
orgs:
  - name: prod
    orgId: ${cloud.orgId}
    host: "${cloud.host}"
    clientId: { env: CLIENT }
    clientSecret: { env: CLIENT }
sources: [{ name: trial, path: /events, auth: none }]
journal: { minFree: 0B, ephemeral: true }
lake: { url: '${url}', commitEvery: 1s, silverEvery: 2s, goldEvery: 3s }
privacy: { key: { env: KEY }, largeFields: { fields: [transcript], over: 64B } }
ops: { port: 0 }
`,
)
const loaded = await loadConfig(realMachine.files, join(own, 'inlet.yaml'))
assert.ok(loaded.ok, JSON.stringify(loaded))
const { config } = loaded.file

await whileItRuns(async (inlet) => {
  await until(inlet, /"event":"names_synced".*silver\.presences/)
  await playSamples()
  await play({ seed: 1, events, agoMs: dayMs })
  await play({ seed: 2, events, agoMs: 0 })
})
await runInlet(['erase', '--email', 'customer@example.com'], { cwd: own, env })
await lookAfter(config)
await whileItRuns(() => play({ seed: 3, events: events / 2, agoMs: 0 }))
await tellAll(config)
await cloud.stop()

async function whileItRuns(play: (inlet: InletProcess) => Promise<void>) {
  const inlet = startInlet(['run'], { cwd: own, env })
  try {
    await until(inlet, runIsUp)
    await play(inlet)
  } finally {
    inlet.signal('SIGTERM')
    await inlet.ended
  }
  // A busy machine may need longer than a stop has.
  await runInlet(['loader', '--once'], { cwd: own, env })
}

async function play(what: { seed: number; events: number; agoMs: number }) {
  const backoff = { baseMs: 100, maxMs: 1000 }
  const report = await simulate(realMachine, {
    ...what,
    route: { url: target, contract: { ...eventBridgeDestination, backoff } },
    dialects: [
      ...(['eventbridge', 'notification', 'analytics-notification'] as const),
      ...(['event-subscription', 'conversation-detail'] as const),
    ],
    faults: 'harsh',
    batches: true,
    losses: { events: 0, conversations: 0 },
    cloud: null,
    perSecond: null,
    concurrency: 16,
    ledger: null,
    signal: new AbortController().signal,
    onRetry: () => undefined,
    onProgress: () => undefined,
  })
  assert.equal(report.givenUp, 0, JSON.stringify(report))
}

/** What the simulator does not tell: a transcript, and webhooks as the guides have them. */
async function playSamples() {
  const transcript = 'How may I help you today? '.repeat(9)
  const odd = Buffer.from(
    JSON.stringify({ id: 'odd-1', source: 'nobody', 'detail-type': 'of nobody', transcript }),
  )
  const files = ['guide-a.ndjson', 'guide-b.ndjson']
  for (const body of [odd, ...files.map((file) => readFileSync(join(samples, file)))]) {
    const headers = { 'content-type': 'application/x-ndjson' }
    const answer = await fetch(target, { method: 'POST', headers, body })
    assert.equal(answer.status, 200, await answer.text())
  }
}

/** Of every table, as the commands and the loader do it. */
async function lookAfter(config: Config) {
  await runInlet(['compact'], { cwd: own, env })
  const now = () => systemClock.now() + 3 * dayMs
  const later = { ...realMachine, clock: { ...systemClock, now } }
  const { lake, close } = await openLakeAt(later, config)
  for (const definition of lakeTables) {
    const table = await lake.table(definition)
    await lake.upkeep.checkpoint(table)
    const removed = (await lake.upkeep.vacuum(table)) + (await lake.upkeep.cleanLog(table))
    assert.ok(removed > 0, `nothing was cleaned of ${definition.name}`)
  }
  close()
}

async function tellAll(config: Config) {
  const session = await openQueryAt(realMachine, config)
  const { lake, close } = await openLakeAt(realMachine, config)
  for (const definition of lakeTables) {
    const { version } = await lake.table(definition)
    const place = `${config.lake.url}/${tableKey(definition)}`
    const told = { lake: name, table: definition.name, place, version }
    await tellExpected(folder, session, told)
  }
  session.close()
  close()
  console.log(`written: ${name}`)
}

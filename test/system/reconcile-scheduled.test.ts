/** Reconciliation within `inlet run`, killed in the middle of what it fetches. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { kill } from 'node:process'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { realMachine } from '../../src/app/machine.ts'
import { freePort } from '../../src/core/free-port.ts'
import { orgSection, startTestCloud, type TestCloud } from '../support/cloud.ts'
import { type Front, startFront } from '../support/front.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { told } from './commands-in.ts'
import { pidOf, until } from './inlet-output.ts'
import { type InletProcess, startInlet } from './inlet-process.ts'
import { runIsUp } from './several-gateways.ts'

/** Six pages at least. */
const LOST = 600
const HOUR = 3_600_000

let folder: { path: string; dispose: () => Promise<void> }
let cloud: TestCloud
let front: Front
/** Pages that are answered, of which two days may have none; whoever asks for more waits. */
let pages = 5
let inlet: InletProcess

const env = { GC_ID: 'simulator', GC_SECRET: 'simulator' }

before(async () => {
  folder = await temporaryFolder()
  cloud = await startTestCloud()
  cloud.fill(LOST, realMachine.clock.now() - LOST * 60_000 - 2 * HOUR)
  front = await startFront(cloud, ({ url = '' }) => url.endsWith('/details/query') && pages-- <= 0)
  const config = `listen: { host: 127.0.0.1, port: ${await freePort()} }
${orgSection({ ...cloud, host: front.host })}
sources: [{ name: bridge, org: prod, path: /events, auth: none, contract: eventbridge }]
reconcile: { every: 1m, trailing: 2d, perSecond: 1000 }
journal: { minFree: 0B, ephemeral: true }
lake: { commitEvery: 100ms, silverEvery: 1s, goldEvery: 1s }
ops: { port: 0 }
`
  writeFileSync(join(folder.path, 'inlet.yaml'), config)
  inlet = startInlet(['run'], { cwd: folder.path, env })
  await until(inlet, runIsUp)
})
after(async () => {
  inlet.signal('SIGKILL')
  await inlet.ended
  front.close()
  await cloud.stop()
  await folder.dispose()
})

const json = (...args: string[]) => told({ cwd: folder.path, env }, ...args)

test('killed while it fetches, it begins again and each conversation is there once', async () => {
  const first = await pidOf(inlet, 'reconcile')
  await until(inlet, /"event":"gold_committed","table":"gold.conversations","rows":[1-9]/)
  pages = Number.POSITIVE_INFINITY
  kill(first, 'SIGKILL')
  await until(inlet, /"event":"reconciled"/)
  const [line = ''] = /^.*"event":"reconciled".*$/m.exec(inlet.stderr()) ?? []
  const { expected, missing, present, backFilled, to } = JSON.parse(line)
  assert.equal(expected, LOST)
  assert.ok(present > 0 && missing > 0, 'it was killed in the middle')
  assert.deepEqual([present + missing, backFilled], [LOST, missing])
  for (;;) {
    const { gold, reconciliation } = await json('status')
    const [told] = reconciliation
    if (gold.behind === 0 && told?.completeTo === to) break
    await sleep(200)
  }
  const sql = `SELECT count(*) AS rows, count(DISTINCT conversation_id) AS conversations,
    (SELECT count(*) FROM bronze.events WHERE dialect = 'conversation-detail') AS events,
    count(*) FILTER (provisional) AS provisional FROM gold.conversations`
  assert.deepEqual(await json('query', sql), [
    { rows: LOST, conversations: LOST, events: LOST, provisional: 0 },
  ])
  assert.ok((await json('audit')).clean)
})

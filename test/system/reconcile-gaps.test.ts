/** Gaps of channels, closed by reconciliation beside kills. */
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { kill } from 'node:process'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { realMachine } from '../../src/app/machine.ts'
import { pidOf, until } from './inlet-output.ts'
import { openScene, type Scene } from './reconcile-scene.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
let scene: Scene

before(async () => {
  scene = await openScene({
    config: ({ world }) => `channels: [{ org: prod, users: [${world.agents[0]?.id}] }]\n`,
    // As a machine leaves behind that was switched off six days ago.
    prepare(folder) {
      const partition = join(folder, 'data', 'journal', 'channels')
      mkdirSync(partition, { recursive: true })
      const proven = { prod: realMachine.clock.now() - 6 * DAY }
      writeFileSync(join(partition, 'proven.json'), JSON.stringify(proven))
    },
  })
})
after(() => scene.dispose())

async function channels() {
  return (await scene.json('status')).channels[0]
}

async function gaps() {
  const { gaps, gapSeconds } = await channels()
  return { gaps, days: Math.floor((gapSeconds * 1000) / DAY) }
}

test('a gap is compared however old it is, and is closed once all of it was', async () => {
  const { inlet, cloud } = scene
  const lost = cloud.fill(3, realMachine.clock.now() - 5.5 * DAY)
  await until(inlet, /"event":"channel_gap"/)
  // Killed before that is written down, the gap is left to the next process.
  while ((await channels()).provenSeconds > 60) await sleep(200)
  kill(await pidOf(inlet, 'channels'), 'SIGKILL')
  while ((await channels()).gaps < 2) await sleep(200)
  assert.deepEqual(await gaps(), { gaps: 2, days: 6 })
  const { orgs } = await scene.json('reconcile')
  const [main, old, ...others] = orgs
  assert.deepEqual([others.length, main.expected, old.to], [0, 0, main.from])
  assert.deepEqual([old.expected, old.missing, old.backFilled], [3, 3, 3])
  assert.deepEqual(
    old.lacking.map((one: { conversationId: string }) => one.conversationId).sort(),
    lost.map(({ truth }) => truth.conversationId).sort(),
  )
  assert.deepEqual(await gaps(), { gaps: 2, days: 6 }, 'up to ten minutes ago')
  const now = new Date(realMachine.clock.now()).toISOString()
  await scene.reconcile('1h', now)
  assert.deepEqual(await gaps(), { gaps: 0, days: 0 })
  await scene.settle()
  const again = (await scene.json('reconcile')).orgs
  assert.deepEqual([again.length, again[0].backFilled], [1, 0])
  await scene.settle()
  const reconciled = await scene.rows(
    "SELECT count(*) AS notes FROM bronze.notes WHERE reason = 'reconciled'",
  )
  assert.deepEqual(reconciled, [{ notes: 4 }])
  assert.ok((await scene.json('audit')).clean)
})

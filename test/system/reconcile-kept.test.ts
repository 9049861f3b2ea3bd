/** What retention would take out of the lake at once is not fetched, by real processes. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { realMachine } from '../../src/app/machine.ts'
import { openScene, type Scene } from './reconcile-scene.ts'

const HOUR = 3_600_000
let scene: Scene
before(async () => {
  scene = await openScene({ lake: 'retention: { bronze: 30d, silver: 1d }' })
})
after(() => scene.dispose())

test('days that are not kept are not asked for, and a second run submits nothing', async () => {
  const { cloud } = scene
  const now = realMachine.clock.now()
  cloud.fill(3, now - 72 * HOUR)
  cloud.fill(2, now - 5 * HOUR)
  const first = await scene.reconcile('96h')
  assert.deepEqual([first.expected, first.missing, first.backFilled], [2, 2, 2])
  assert.equal(first.notKept.keptFrom.slice(10), 'T00:00:00.000Z')
  const keptFrom = Date.parse(first.notKept.keptFrom)
  assert.ok(keptFrom > now - 48 * HOUR && keptFrom <= now - 23 * HOUR)
  await scene.settle()
  const second = await scene.reconcile('96h')
  assert.deepEqual([second.expected, second.present, second.backFilled], [2, 2, 0])

  const refused = await scene.json('reconcile', '--from', '96h', '--to', '60h')
  assert.equal(refused.error.code, 'INL_CLI_USAGE')
  assert.match(refused.error.message, /the lake keeps nothing that happened before \d{4}/)
  await scene.settle()
  const notes = await scene.rows(
    "SELECT count(*) AS notes FROM bronze.notes WHERE reason = 'reconciled'",
  )
  assert.deepEqual(notes, [{ notes: 2 }])
})

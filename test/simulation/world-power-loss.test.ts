/** A whole Inlet on one disk that forgets: what was acknowledged is in the lake, once. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runHistories } from './run-histories.ts'

const HISTORIES = 150

test('each acknowledged event is in the lake once, whoever ended whenever', async () => {
  const module = import.meta.resolve('./world-power-loss.ts')
  const report = await runHistories({ module, name: 'worldHistory', count: HISTORIES })
  assert.deepEqual(report.faults, [], `seed ${report.failed}`)
  const { promises, crashes } = report
  assert.ok(promises > crashes, `${promises} acknowledged over ${crashes} crashes`)
})

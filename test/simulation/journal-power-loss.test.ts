/** The journal on a disk that forgets every byte, size and name that was not synced. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { journalHistory } from './journal-power-loss.ts'
import { runHistories } from './run-histories.ts'
import { trySyncSites } from './sync-sites.ts'

const HISTORIES = 2000

test('no acknowledged event is lost by a loss of power at any moment', async () => {
  const module = import.meta.resolve('./journal-power-loss.ts')
  const report = await runHistories({ module, name: 'journalHistory', count: HISTORIES })
  assert.deepEqual(report.faults, [], `seed ${report.failed}`)
  const { promises, crashes } = report
  assert.ok(promises > crashes, `${promises} acknowledged over ${crashes} crashes`)
})

test('every sync of the journal is needed: without any of them something is lost', async () => {
  const { sites, unneeded } = await trySyncSites(journalHistory, ({ site }) => site)
  assert.ok(sites.length >= 5, sites.join('\n'))
  assert.deepEqual(unneeded, [])
})

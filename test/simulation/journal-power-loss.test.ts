/** The journal on a disk that forgets every byte, size and name that was not synced. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { journalHistory } from './journal-power-loss.ts'

const HISTORIES = 2000
const SEEDS_TO_CATCH = 300

test('no acknowledged event is lost by a loss of power at any moment', async () => {
  let crashes = 0
  let acknowledged = 0
  for (let seed = 1; seed <= HISTORIES; seed++) {
    const history = await journalHistory(seed)
    assert.deepEqual(history.faults, [], `seed ${seed}`)
    crashes += history.crashes
    acknowledged += history.acknowledged
  }
  assert.ok(acknowledged > crashes, `${acknowledged} acknowledged over ${crashes} crashes`)
})

test('every sync of the journal is needed: without any of them something is lost', async () => {
  const sites = new Set<string>()
  for (let seed = 1; seed <= 50; seed++) {
    await journalHistory(seed, ({ site }) => {
      sites.add(site)
      return false
    })
  }
  assert.ok(sites.size >= 5, [...sites].join('\n'))
  for (const site of sites) {
    let caught = false
    for (let seed = 1; seed <= SEEDS_TO_CATCH && !caught; seed++) {
      const history = await journalHistory(seed, (call) => call.site === site)
      caught = history.faults.length > 0
    }
    assert.ok(caught, `nothing is lost without the sync at ${site}`)
  }
})

/** A table in a folder on a disk that forgets every byte, size and name that was not synced. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../src/core/random.ts'
import { openDeltaTable } from '../../src/lake/delta/delta-table.ts'
import { movableClock } from '../support/clock.ts'
import { ForgetfulDisk, ProcessGone } from './forgetful-files.ts'
import { lakeHistory } from './lake-power-loss.ts'
import { positions, startLakeProcess } from './lake-process.ts'
import { LakeTruth } from './lake-truth.ts'
import { runHistories } from './run-histories.ts'
import { lineOf, trySyncSites } from './sync-sites.ts'

const HISTORIES = 1500

test('no committed row is lost, doubled or torn, whenever its writer ends', async () => {
  const module = import.meta.resolve('./lake-power-loss.ts')
  const report = await runHistories({ module, name: 'lakeHistory', count: HISTORIES })
  assert.deepEqual(report.faults, [], `seed ${report.failed}`)
  const { promises, crashes } = report
  assert.ok(promises > crashes, `${promises} commits over ${crashes} crashes`)
})

test('every sync of the lake is needed: without any of them something is lost', async () => {
  const { sites, unneeded } = await trySyncSites(lakeHistory, lineOf)
  assert.ok(sites.length >= 6, sites.join('\n'))
  assert.deepEqual(unneeded, [])
})

test('what a refresh has read stays, though its writer was killed before it synced', async () => {
  for (let seed = 0; seed < 20; seed++) {
    const disk = new ForgetfulDisk(seededRandom(seed))
    const open = async () => {
      const random = seededRandom(seed + disk.calls)
      const deps = { files: disk.mount(), clock: movableClock(), random, truth: new LakeTruth() }
      const process = await startLakeProcess(deps)
      return { files: deps.files, table: await openDeltaTable(process, positions) }
    }
    const reader = await open()
    const writer = await open()
    disk.hooks = {
      before: ({ operation, path }) => {
        if (operation === 'syncFolder' && path.endsWith('_delta_log')) disk.kill(writer.files)
      },
    }
    await assert.rejects(writer.table.commit({ operation: 'WRITE' }), ProcessGone)
    disk.hooks = {}
    assert.equal((await reader.table.refresh()).version, 1)
    disk.crash(seededRandom(seed))
    assert.equal((await open()).table.version, 1)
  }
})

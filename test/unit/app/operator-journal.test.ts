/** What commands write to the journal lands as anything else does. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { parseConfig } from '../../../src/app/config/load.ts'
import { realMachine } from '../../../src/app/machine.ts'
import { type Decision, recordDecisions, withPartition } from '../../../src/app/operator-journal.ts'
import { hasCode } from '../../../src/core/errors.ts'
import { eventEntry } from '../../support/entries.ts'
import { type Desk, openDesk, plainConfig } from '../../support/shell.ts'

const hurried = { ...realMachine, clock: { ...realMachine.clock, sleep: async () => undefined } }
const decision: Decision = { reason: 'schema_approved', detail: { topic: 'a', version: 2 } }

suite('an operator journal', () => {
  let desk: Desk
  beforeEach(async () => {
    desk = await openDesk()
  })
  afterEach(() => desk.dispose())

  function config(text = plainConfig) {
    const loaded = parseConfig(text, join(desk.folder, 'inlet.yaml'))
    assert.ok(loaded.ok)
    return loaded.file.config
  }

  async function notes(): Promise<unknown> {
    await desk.run('loader', '--once')
    const sql = `SELECT source, reason, detail, journal_partition AS partition, position
      FROM bronze.notes ORDER BY position`
    const rows: object[] = JSON.parse((await desk.run('query', '--json', sql)).stdout)
    return rows.map((row) => Object.values(row))
  }

  test('keeps decisions in their order, says where, and the loader lands them', async () => {
    const second: Decision = { reason: 'discarded', detail: { why: 'a test' }, source: 'trial' }
    const first = await recordDecisions(realMachine, { config: config() }, [decision])
    const others = await recordDecisions(realMachine, { config: config() }, [second, decision])
    const places = [...first, ...others].map(({ partition, position }) => [partition, position])
    assert.deepEqual(
      places,
      [0, 1, 2].map((position) => ['operator', position]),
    )
    const approved = ['schema_approved', '{"topic":"a","version":2}', 'operator']
    assert.deepEqual(await notes(), [
      [null, ...approved, 0],
      ['trial', 'discarded', '{"why":"a test"}', 'operator', 1],
      [null, ...approved, 2],
    ])
    assert.equal(JSON.parse((await desk.run('audit', '--json')).stdout).clean, true)
    assert.equal((await desk.run('status')).code, 0)
  })

  test('lends a partition of a name, and frees it whatever becomes of its user', async () => {
    const at = { config: config(), partition: 'replay' }
    const failing = withPartition(realMachine, at, () => Promise.reject(new Error('no more')))
    await assert.rejects(failing, /no more/)
    const position = await withPartition(realMachine, at, (journal) =>
      journal.append([eventEntry(0)]),
    )
    assert.equal(position, 0)
  })

  test('says so when another command does not free the partition', async () => {
    const at = { config: config(), partition: 'operator' }
    await withPartition(realMachine, at, async () => {
      const second = recordDecisions(hurried, at, [decision])
      await assert.rejects(second, (error) => hasCode(error, 'INL_APP_PARTITION_BUSY'))
    })
  })

  test('takes nothing that the limits of the whole journal leave no room for', async () => {
    const whole = config()
    await withPartition(realMachine, { config: whole, partition: 'gateway-0' }, (journal) =>
      journal.append([eventEntry(0)]),
    )
    const full = { journal: { ...whole.journal, maxBytes: 100 } }
    const refused = recordDecisions(realMachine, { config: full }, [decision])
    await assert.rejects(refused, (error) => hasCode(error, 'INL_JRN_FULL'))
    assert.equal((await recordDecisions(realMachine, { config: whole }, [decision])).length, 1)
  })
})

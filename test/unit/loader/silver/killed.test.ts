import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../../../src/core/clock.ts'
import { seededRandom } from '../../../../src/core/random.ts'
import { arrival, arrivalRange, openTestLake, type TestLake } from '../../../support/lake.ts'

const script = fileURLToPath(new URL('../../../support/silver-process.ts', import.meta.url))

/** Resolves to the signal that ended it, or null where it has done what there was to do. */
async function bringForward(lake: TestLake, positions: number, killAfterMs?: number) {
  const child = spawn(process.execPath, [script, lake.root, String(positions)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const exited = once(child, 'exit')
  if (killAfterMs !== undefined)
    void systemClock.sleep(killAfterMs).then(() => child.kill('SIGKILL'))
  const [code, signal] = await exited
  assert.ok(code === 0 || signal === 'SIGKILL', `it ended with ${code}`)
  return signal as string | null
}

async function columnOf(lake: TestLake, sql: string): Promise<unknown[]> {
  const { rows } = await lake.query(sql)
  return rows.map(([value]) => value)
}

test('the events that end the process are found by its restarts, and kept out', async () => {
  const lake = await openTestLake()
  try {
    const rows = arrivalRange(0, 200)
    for (const at of [40, 130]) rows[at] = arrival(at, { body: Buffer.from('{"text":"kills"}') })
    await lake.land(rows)
    let kills = 0
    while ((await bringForward(lake, 200)) !== null) assert.ok(++kills < 12)
    assert.deepEqual(
      await columnOf(lake, 'SELECT position::INTEGER FROM silver.violations ORDER BY ALL'),
      [40, 130],
    )
    const [events] = await columnOf(
      lake,
      'SELECT count(DISTINCT position)::INTEGER FROM silver.other_events',
    )
    assert.equal(events, 198)
    const [halves] = await columnOf(lake, 'SELECT count(*)::INTEGER FROM silver.agent_states')
    assert.equal(halves, 98)
  } finally {
    await lake.dispose()
  }
})

/**
 * Nothing tells who killed a process: an event that is alone under way whenever it happens is
 * taken to be at fault. It is kept out of the tables that do not have it yet, and told.
 */
test('killed at any moment, each event is in silver once, or told', async (t) => {
  const lake = await openTestLake()
  const random = seededRandom(11)
  try {
    await lake.land(arrivalRange(0, 300))
    for (let kills = 0; kills < 8; kills++) {
      await bringForward(lake, 15, 300 + random.below(900))
      await lake.land(arrivalRange(300 + 20 * kills, 320 + 20 * kills))
    }
    while ((await bringForward(lake, 100)) !== null);
    const told = await columnOf(lake, 'SELECT event_id FROM silver.violations')
    t.diagnostic(`${told.length} were alone under way at two kills`)
    assert.ok(told.length <= 8 / 3, 'each takes a kill of its slice and two of its own')
    const ids = Array.from({ length: 460 }, (_, at) => `event-${at}`)
    for (const [table, expected] of [
      ['silver.other_events', ids],
      ['silver.agent_states', ids.filter((_, at) => at % 2 === 0)],
    ] as const) {
      const found = await columnOf(lake, `SELECT event_id FROM ${table}`)
      const held = new Set(found)
      assert.equal(held.size, found.length, 'none is there twice')
      const missing = expected.filter((id) => !held.has(id))
      assert.deepEqual(
        missing.filter((id) => !told.includes(id)),
        [],
        'what is missing is told',
      )
    }
  } finally {
    await lake.dispose()
  }
})

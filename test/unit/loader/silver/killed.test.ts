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

test('killed at any moment, each event is in silver once', async () => {
  const lake = await openTestLake()
  const random = seededRandom(11)
  try {
    await lake.land(arrivalRange(0, 300))
    for (let kills = 0; kills < 8; kills++) {
      await bringForward(lake, 15, 300 + random.below(900))
      await lake.land(arrivalRange(300 + 20 * kills, 320 + 20 * kills))
    }
    while ((await bringForward(lake, 100)) !== null);
    for (const [table, expected] of [
      ['silver.other_events', 460],
      ['silver.agent_states', 230],
    ] as const) {
      const sql = `SELECT event_id FROM ${table} ORDER BY ALL`
      const ids = await columnOf(lake, sql)
      assert.equal(ids.length, expected)
      assert.equal(new Set(ids).size, expected)
    }
    assert.deepEqual(await columnOf(lake, 'SELECT event_id FROM silver.violations'), [])
  } finally {
    await lake.dispose()
  }
})

/** What follows from an approval in an Inlet that runs: by itself, once, and to gold. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { realMachine } from '../../../src/app/machine.ts'
import { sqliteLocks } from '../../../src/core/lock.ts'
import { seededRandom } from '../../../src/core/random.ts'
import type { Entry } from '../../../src/journal/entry.ts'
import { retainArrivals } from '../../../src/loader/retention.ts'
import { event } from '../../support/deliveries.ts'
import { openTestLake } from '../../support/lake.ts'
import { type Desk, openDesk, plainConfig } from '../../support/shell.ts'

const record = readFileSync(
  join(import.meta.dirname, '../../../samples/analytics/conversation1.json'),
)
const schema = '{"type":"object","properties":{"hue":{"type":"string"},"id":{"type":"string"}}}'

let desk: Desk
let stop: AbortController
beforeEach(async () => {
  stop = new AbortController()
  desk = await openDesk({ stop: stop.signal })
  const often = 'commitEvery: 100ms, silverEvery: 200ms, goldEvery: 1s'
  await desk.write('inlet.yaml', plainConfig.replace('commitEvery: 100ms', often))
})
afterEach(() => desk.dispose())

/** What a gateway of before could not read; this one can. */
function letter(body: Buffer): Entry {
  return {
    kind: 'unreadable',
    source: 'trial',
    sender: 'none:trial',
    headers: '{}',
    receivedAt: Date.UTC(2026, 0, 5),
    reason: 'invalid_json',
    detail: 'it is not JSON',
    body,
    bodySha256: createHash('sha256').update(body).digest(),
  }
}

const order = (id: string, receivedAt = Date.UTC(2026, 0, 5)) =>
  event(id, JSON.stringify({ id, hue: 'teal', other: 'grey' }), {
    ...{ dialect: 'generic', eventType: 'order.placed', source: 'trial', receivedAt },
  })

async function rows(sql: string): Promise<string[]> {
  const { stdout } = await desk.run('query', '--json', sql)
  return stdout === '' ? [] : JSON.parse(stdout).map((row: object) => Object.values(row).join(' '))
}

/** Until it is so; a test that waits in vain is ended by its runner. */
async function until(sql: string, wanted: string): Promise<void> {
  while ((await rows(sql)).join() !== wanted) await realMachine.clock.sleep(200)
}

/** How often a table was put in the place of another, by its log. */
function rebuilds(table: string): number {
  const log = join(desk.folder, 'data/lake', table, '_delta_log')
  const commits = readdirSync(log).filter((name) => name.endsWith('.json'))
  const texts = commits.map((name) => readFileSync(join(log, name), 'utf8'))
  return texts.filter((text) => text.includes('"operation":"REBUILD"')).length
}

const seenHue = "SELECT body->>'$.hue' AS hue FROM silver.other_events ORDER BY event_id"
const conversations = 'SELECT count(*) AS n FROM gold.conversations'

suite('after an approval', () => {
  test('a running loader replays, and makes silver and gold anew, and then rests', async () => {
    await desk.write('order.json', schema)
    await desk.append(order('a'), letter(record))
    const loader = desk.run('loader')
    try {
      await until(seenHue, '***')
      await until(conversations, '0')
      await desk.run('schema', 'approve', 'generic:order.placed', '--file', 'order.json')
      await until(seenHue, 'teal')
      await until(conversations, '1')
      await until(
        "SELECT DISTINCT path FROM silver.violations WHERE source = 'trial' AND event_id = 'a'",
        'other',
      )
      const letters = JSON.parse((await desk.run('dead-letters', 'list', '--json')).stdout)
      assert.deepEqual([letters.totals[0].open, letters.totals[0].replayed], [0, 1])
      while (rebuilds('gold/books') === 0) await realMachine.clock.sleep(200)
      await desk.append(order('b'))
      await until(seenHue, 'teal,teal')
      assert.equal(rebuilds('silver/other_events'), 1)
      assert.equal(rebuilds('gold/books'), 1)
      assert.equal(JSON.parse((await desk.run('audit', '--json')).stdout).clean, true)
    } finally {
      stop.abort()
      await loader
    }
  })
})

suite('where retention has taken events out of bronze', () => {
  test('an approval makes anew what is left, and keeps the rest; so does a rebuild', async () => {
    await desk.write('order.json', schema)
    await desk.append(order('a', Date.UTC(2026, 0, 1)), order('b', Date.UTC(2026, 5, 1)))
    assert.equal((await desk.run('loader', '--once')).code, 0)
    const lake = await openTestLake({ root: join(desk.folder, 'data/lake'), seed: 2 })
    const taken = await retainArrivals({ ...lake, random: seededRandom(3) }, '2026-03-01')
    await lake.dispose()
    assert.equal(taken.rows, 1)
    const loader = desk.run('loader')
    try {
      await desk.run('schema', 'approve', 'generic:order.placed', '--file', 'order.json')
      await until(seenHue, '***,teal')
      let ran = await desk.run('rebuild', 'silver')
      // The loader holds the lock until gold is done.
      while (ran.code !== 0) ran = await desk.run('rebuild', 'silver')
      const report = /silver\.other_events +2 rows +1 row kept\n[\s\S]*\nKept as they were: /
      assert.match(ran.stdout, report)
      assert.match(ran.stdout, /They are of the rules of privacy .* inlet erase takes/)
      assert.deepEqual(await rows(seenHue), ['***', 'teal'])
    } finally {
      stop.abort()
      await loader
    }
  })
})

suite('rebuild', () => {
  test('of silver brings gold along, and is done by one process at a time', async () => {
    await desk.append(order('a'))
    assert.equal((await desk.run('loader', '--once')).code, 0)
    const { code, stdout } = await desk.run('rebuild', 'silver')
    assert.equal(code, 0)
    assert.match(stdout, /silver\.other_events +1 row[\s\S]*gold\.books +1 row/)
    const lock = sqliteLocks.acquire(join(desk.folder, 'data/lake/.scratch/rebuild.lock'))
    const busy = await desk.run('rebuild', 'gold', '--json')
    lock?.release()
    assert.deepEqual(
      [busy.code, JSON.parse(busy.stderr).error.code],
      [1, 'INL_LDR_REBUILDING'],
      busy.stderr,
    )
  })
})

suite('status', () => {
  test('tells how far gold is behind, beside silver', async () => {
    const layers = async () => {
      const { silver, gold } = JSON.parse((await desk.run('status', '--json')).stdout)
      return [silver.behind, gold.behind, gold.freshnessSeconds > 0]
    }
    await desk.append(order('a'), order('b'))
    assert.equal((await desk.run('loader', '--once')).code, 0)
    assert.deepEqual(await layers(), [0, 0, false])
    rmSync(join(desk.folder, 'data/lake/gold'), { recursive: true })
    assert.deepEqual(await layers(), [0, 2, true])
    assert.equal((await desk.run('rebuild', 'gold')).code, 0)
    assert.deepEqual(await layers(), [0, 0, false])
    assert.match((await desk.run('status')).stdout, /gold +0s and 0 positions behind/)
  })
})

/** Several gateways on one port: real processes, real sockets, a partition of the journal each. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { pidOf, until } from './inlet-output.ts'
import type { InletProcess } from './inlet-process.ts'
import { gatewaysAreUp, openYard, runIsUp, type Yard } from './several-gateways.ts'

let yard: Yard

beforeEach(async () => {
  yard = await openYard()
})
afterEach(() => yard.dispose())

/** Has one of several gateways take all of these: the others stand still meanwhile. */
async function postThrough(
  inlet: InletProcess,
  taker: number,
  { workers, ids }: { workers: number; ids: readonly string[] },
): Promise<void> {
  const others: number[] = []
  for (let worker = 0; worker < workers; worker++) {
    if (worker !== taker) others.push(await pidOf(inlet, `gateway-${worker}`))
  }
  for (const pid of others) process.kill(pid, 'SIGSTOP')
  try {
    for (const status of await Promise.all(ids.map((id) => yard.post(id))))
      assert.equal(status, 200)
  } finally {
    for (const pid of others) process.kill(pid, 'SIGCONT')
  }
}

suite('several gateways', () => {
  test('share a port and land together; a repeat that meets another is one event', async () => {
    const inlet = yard.start('run', 2)
    await until(inlet, runIsUp)
    assert.deepEqual(readdirSync(join(yard.folder, 'data/journal')), ['gateway-0', 'gateway-1'])
    await postThrough(inlet, 0, { workers: 2, ids: ['a', 'b'] })
    await postThrough(inlet, 1, { workers: 2, ids: ['b', 'c'] })
    inlet.signal('SIGTERM')
    assert.equal(await inlet.ended, 0, inlet.stderr())
    const sql = `SELECT event_id, outcome, count(DISTINCT journal_partition) AS partitions
      FROM bronze.arrivals WHERE outcome <> 'note' GROUP BY ALL ORDER BY ALL`
    assert.deepEqual((await yard.query(sql)).trim().split('\n'), [
      'event_id,outcome,partitions',
      'a,event,1',
      'b,duplicate,1',
      'b,event,1',
      'c,event,1',
    ])
    const { clean, acknowledged } = await yard.json('audit')
    assert.deepEqual({ clean, acknowledged }, { clean: true, acknowledged: 4 })
  })

  test('one that dies is started again while the other goes on', async () => {
    const inlet = yard.start('gateway', 2)
    await until(inlet, gatewaysAreUp)
    const [dying, other] = [await pidOf(inlet, 'gateway-0'), await pidOf(inlet, 'gateway-1')]
    process.kill(dying, 'SIGKILL')
    await until(inlet, /"event":"child_exited"[^\n]*"process":"gateway-0"/)
    assert.equal(await yard.post('meanwhile'), 200)
    await until(inlet, /(?:"role":"gateway-0","pid":\d+,"event":"process_started"[\s\S]*){2}/)
    assert.notEqual(await pidOf(inlet, 'gateway-0'), dying)
    assert.equal(await pidOf(inlet, 'gateway-1'), other)
    inlet.signal('SIGTERM')
    assert.equal(await inlet.ended, 0, inlet.stderr())
  })

  test('run is there again at once when it was killed, however its gateways linger', async () => {
    const first = yard.start('run', 2)
    await until(first, runIsUp)
    assert.equal(await yard.post('before'), 200)
    first.signal('SIGKILL')
    const second = yard.start('run', 2)
    await until(second, runIsUp)
    assert.equal(await yard.post('after'), 200)
    second.signal('SIGTERM')
    assert.equal(await second.ended, 0, second.stderr())
    await first.ended
    const sql = 'SELECT event_id FROM bronze.events ORDER BY ALL'
    assert.equal(await yard.query(sql), 'event_id\nafter\nbefore\n')
  })

  test('partitions of gateways that are no more are landed and shown', async () => {
    const before = yard.start('gateway', 3)
    await until(before, gatewaysAreUp)
    for (const worker of [0, 1, 2]) {
      await postThrough(before, worker, { workers: 3, ids: [`event-${worker}`] })
    }
    before.signal('SIGTERM')
    assert.equal(await before.ended, 0)
    const inlet = yard.start('run', 1)
    await until(inlet, runIsUp)
    const { journal } = await yard.json('status')
    const names = journal.partitions.map(({ partition }: { partition: string }) => partition)
    assert.deepEqual(names, ['gateway-0', 'gateway-1', 'gateway-2'])
    inlet.signal('SIGTERM')
    assert.equal(await inlet.ended, 0)
    const sql = 'SELECT event_id FROM bronze.events ORDER BY ALL'
    assert.equal(await yard.query(sql), 'event_id\nevent-0\nevent-1\nevent-2\n')
    assert.equal((await yard.json('status')).journal.lag, 0)
  })
})

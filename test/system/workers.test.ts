/** Several gateways on one port: real processes, real sockets, a partition of the journal each. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../src/core/free-port.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { type InletProcess, runInlet, startInlet } from './inlet-process.ts'

let folder: { path: string; dispose: () => Promise<void> }
let port: number
const started: InletProcess[] = []

beforeEach(async () => {
  folder = await temporaryFolder()
  port = await freePort()
})
afterEach(async () => {
  // Only what a failed test has left.
  for (const inlet of started.splice(0)) inlet.signal('SIGKILL')
  await folder.dispose()
})

function start(command: string, workers: number): InletProcess {
  writeFileSync(
    join(folder.path, 'inlet.yaml'),
    `listen: { host: 127.0.0.1, port: ${port}, workers: ${workers} }
sources: [{ name: trial, path: /events, auth: none }]
journal: { minFree: 0B, ephemeral: true }
lake: { commitEvery: 100ms }
`,
  )
  const inlet = startInlet([command], { cwd: folder.path })
  started.push(inlet)
  return inlet
}

const up = /"role":"(run|gateway)","pid":\d+,"event":"process_started"/

/** Waits for a line of output, as long as the process lives. */
async function until(inlet: InletProcess, line: RegExp): Promise<void> {
  let ended = false
  void inlet.ended.then(() => {
    ended = true
  })
  while (!line.test(inlet.stderr())) {
    assert.ok(!ended, `it ended before ${line}:\n${inlet.stderr()}`)
    await sleep(20)
  }
}

/** Of the newest process of a name. */
function pidOf(inlet: InletProcess, name: string): number {
  const pattern = new RegExp(`"role":"${name}","pid":(\\d+)`, 'g')
  const pid = [...inlet.stderr().matchAll(pattern)].at(-1)?.[1]
  assert.ok(pid !== undefined, inlet.stderr())
  return Number(pid)
}

/** A connection of its own for each: the status, or the code of the error. */
async function post(id: string): Promise<number | string> {
  const asked = request({ host: '127.0.0.1', port, path: '/events', method: 'POST', agent: false })
  asked.end(JSON.stringify({ messageId: id, eventType: 'call.event' }))
  try {
    const [response] = await once(asked, 'response')
    response.resume()
    await once(response, 'end')
    return response.statusCode
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}

/** Has one of several gateways take all of these: the others stand still meanwhile. */
async function postThrough(
  inlet: InletProcess,
  taker: number,
  { workers, ids }: { workers: number; ids: readonly string[] },
): Promise<void> {
  const others = Array.from({ length: workers }, (_, worker) => worker)
    .filter((worker) => worker !== taker)
    .map((worker) => pidOf(inlet, `gateway-${worker}`))
  for (const pid of others) process.kill(pid, 'SIGSTOP')
  try {
    for (const status of await Promise.all(ids.map(post))) assert.equal(status, 200)
  } finally {
    for (const pid of others) process.kill(pid, 'SIGCONT')
  }
}

async function status() {
  const { stdout } = await runInlet(['status', '--json'], { cwd: folder.path, expected: [0, 1] })
  return JSON.parse(stdout)
}

async function query(sql: string): Promise<string> {
  const { stdout } = await runInlet(['query', '--format', 'csv', sql], { cwd: folder.path })
  return stdout
}

suite('several gateways', () => {
  test('share a port and land together; a repeat that meets another is one event', async () => {
    const inlet = start('run', 2)
    await until(inlet, up)
    assert.deepEqual(readdirSync(join(folder.path, 'data/journal')), ['gateway-0', 'gateway-1'])
    await postThrough(inlet, 0, { workers: 2, ids: ['a', 'b'] })
    await postThrough(inlet, 1, { workers: 2, ids: ['b', 'c'] })
    inlet.signal('SIGTERM')
    assert.equal(await inlet.ended, 0, inlet.stderr())
    const sql = `SELECT event_id, outcome, count(DISTINCT journal_partition) AS partitions
      FROM bronze.arrivals WHERE outcome <> 'note' GROUP BY ALL ORDER BY ALL`
    assert.deepEqual((await query(sql)).trim().split('\n'), [
      'event_id,outcome,partitions',
      'a,event,1',
      'b,duplicate,1',
      'b,event,1',
      'c,event,1',
    ])
    const { stdout } = await runInlet(['audit', '--json'], { cwd: folder.path })
    const { clean, acknowledged } = JSON.parse(stdout)
    assert.deepEqual({ clean, acknowledged }, { clean: true, acknowledged: 4 })
  })

  test('one that dies is started again while the other goes on', async () => {
    const inlet = start('gateway', 2)
    await until(inlet, up)
    const [dying, other] = [pidOf(inlet, 'gateway-0'), pidOf(inlet, 'gateway-1')]
    process.kill(dying, 'SIGKILL')
    await until(inlet, /"event":"child_exited"[^\n]*"process":"gateway-0"/)
    assert.equal(await post('meanwhile'), 200)
    await until(inlet, /(?:"role":"gateway-0","pid":\d+,"event":"process_started"[\s\S]*){2}/)
    assert.notEqual(pidOf(inlet, 'gateway-0'), dying)
    assert.equal(pidOf(inlet, 'gateway-1'), other)
    inlet.signal('SIGTERM')
    assert.equal(await inlet.ended, 0, inlet.stderr())
  })

  test('partitions of gateways that are no more are landed and shown', async () => {
    const before = start('gateway', 3)
    await until(before, up)
    for (const worker of [0, 1, 2]) {
      await postThrough(before, worker, { workers: 3, ids: [`event-${worker}`] })
    }
    before.signal('SIGTERM')
    assert.equal(await before.ended, 0)
    const inlet = start('run', 1)
    await until(inlet, up)
    const { journal } = await status()
    const names = journal.partitions.map(({ partition }: { partition: string }) => partition)
    assert.deepEqual(names, ['gateway-0', 'gateway-1', 'gateway-2'])
    inlet.signal('SIGTERM')
    assert.equal(await inlet.ended, 0)
    const sql = 'SELECT event_id FROM bronze.events ORDER BY ALL'
    assert.equal(await query(sql), 'event_id\nevent-0\nevent-1\nevent-2\n')
    assert.equal((await status()).journal.lag, 0)
  })
})

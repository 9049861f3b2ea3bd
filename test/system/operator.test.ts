/** What an operator does beside a running Inlet: real processes, one journal, one lake. */
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../src/core/free-port.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { told } from './commands-in.ts'
import { until, untilMeasured } from './inlet-output.ts'
import { type InletProcess, startInlet } from './inlet-process.ts'
import { runIsUp } from './several-gateways.ts'

const ours = '32aa07aa-db1b-4987-abd0-9483601ec29d'
const theirs = '11111111-db1b-4987-abd0-9483601ec29d'
const HISTORY = 20_000

suite('an operator beside a running Inlet', () => {
  let folder: { path: string; dispose: () => Promise<void> }
  let port: number
  let inlet: InletProcess

  beforeEach(async () => {
    folder = await temporaryFolder()
    port = await freePort()
    configure(ours)
    inlet = startInlet(['run'], { cwd: folder.path })
    await until(inlet, runIsUp)
  })
  afterEach(async () => {
    // Only what a failed test has left.
    inlet.signal('SIGKILL')
    await inlet.ended
    await folder.dispose()
  })

  function configure(orgId: string): void {
    const text = `listen: { host: 127.0.0.1, port: ${port} }
orgs: [{ name: prod, orgId: ${orgId} }]
sources: [{ name: trial, org: prod, path: /events, auth: none }]
journal: { minFree: 0B, ephemeral: true }
lake: { commitEvery: 100ms, commitBytes: 1MiB }
ops: { port: 0 }
`
    writeFileSync(join(folder.path, 'inlet.yaml'), text)
  }

  async function post(body: string): Promise<number> {
    const answer = await fetch(`http://127.0.0.1:${port}/events`, { method: 'POST', body })
    return answer.status
  }

  const json = (...args: string[]) => told({ cwd: folder.path }, ...args)

  async function waitFor(isThere: () => Promise<boolean>): Promise<void> {
    while (!(await isThere())) await sleep(100)
  }

  const openLetters = async (): Promise<number> => (await json('status')).deadLetters.open
  const events = async (): Promise<number> => (await json('audit')).events

  test('dead letters are replayed and left at that, and the loader finds what is new', async () => {
    const foreign = { topicName: 'v2.x', eventBody: { organizationId: theirs, id: 'a' } }
    assert.equal(await post(JSON.stringify(foreign)), 202)
    assert.equal(await post('{"cut'), 202)
    await waitFor(async () => (await openLetters()) === 2)
    configure(theirs)
    const replayed = await json('dead-letters', 'replay', '--reason', 'other_org')
    assert.deepEqual([replayed.replayed, replayed.events], [1, 1])
    assert.equal(await openLetters(), 1)
    await waitFor(async () => (await events()) === 1)
    const left = await json('dead-letters', 'discard', '--all', '--reason', 'a broken sender')
    assert.equal(left.discarded, 1)
    assert.equal(await openLetters(), 0)
    await waitFor(async () => (await json('status')).journal.lag === 0)
    const { clean, missing, repeated } = await json('audit')
    assert.deepEqual({ clean, missing, repeated }, { clean: true, missing: [], repeated: [] })
    await untilMeasured(inlet, /inlet_dead_letters_open\{process="loader"\} \d/)
  })

  test('an import that is killed is run again, and each event is there once', async () => {
    mkdirSync(join(folder.path, 'history'))
    const lines = Array.from(
      { length: HISTORY },
      (_, id) => `{"notificationId":"${id}","data":{"text":"${'x'.repeat(400)}"}}\n`,
    )
    writeFileSync(join(folder.path, 'history/1.ndjson'), lines.join(''))
    const killed = startInlet(['import', 'history', '--source', 'trial'], { cwd: folder.path })
    await waitFor(async () => (await events()) > 0)
    killed.signal('SIGKILL')
    await killed.ended
    const { landed, stored } = await json('import', 'history', '--source', 'trial')
    assert.equal(stored, HISTORY)
    assert.equal(landed.events + landed.duplicates, HISTORY)
    assert.ok(landed.duplicates > 0)
    const compacted = (await json('compact', '--table', 'bronze.arrivals')).tables[0]
    assert.ok(compacted.compactedFiles > 0)
    await json('vacuum')
    await waitFor(async () => (await json('status')).journal.lag === 0)
    const { clean, events: all } = await json('audit')
    assert.deepEqual({ clean, all }, { clean: true, all: HISTORY })
    inlet.signal('SIGTERM')
    assert.equal(await inlet.ended, 0, inlet.stderr())
  })
})

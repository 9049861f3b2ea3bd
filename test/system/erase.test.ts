/** `inlet erase`, beside a running Inlet: afterwards nothing that it left names the person. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { freePort } from '../../src/core/free-port.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { told } from './commands-in.ts'
import { until } from './inlet-output.ts'
import { type InletProcess, runInlet, startInlet } from './inlet-process.ts'
import { writeOneSource } from './one-source.ts'
import { plantedIn } from './planted.ts'
import { runIsUp } from './several-gateways.ts'

const key = 'a-key-that-is-long-enough-to-be-one'
const person = ['3175551234', '317) 555-1234', 'jane.doe@example.org', 'Planted Person']

let folder: { path: string; dispose: () => Promise<void> }
let url: string
let inlet: InletProcess

before(async () => {
  folder = await temporaryFolder()
  const port = await freePort()
  url = `http://127.0.0.1:${port}/events`
  writeOneSource(
    folder.path,
    port,
    `lake: { commitEvery: 100ms }
privacy: { key: { env: INLET_PRIVACY_KEY }, country: US }`,
  )
})
after(async () => {
  inlet.signal('SIGTERM')
  await inlet.ended
  await folder.dispose()
})

const options = () => ({ cwd: folder.path, env: { INLET_PRIVACY_KEY: key } })

async function post(body: string): Promise<string> {
  const response = await fetch(url, { method: 'POST', body })
  return response.text()
}

const query = (sql: string): Promise<Record<string, unknown>[]> =>
  told({ ...options(), expected: [0] }, 'query', sql)

const conversation = '2f7bf00a-0fc2-4d6a-9b56-92238191433e'
const call = JSON.stringify({
  messageId: 'call-1',
  eventType: 'call.event',
  timestamp: '2026-01-01T12:00:00Z',
  contact: { phoneNumber: '+13175551234', customerName: 'Planted Person' },
  queue: { id: 'queue-1' },
})
const notification = JSON.stringify({
  topicName: `v2.detail.events.conversation.${conversation}.customer.start`,
  version: '2',
  eventBody: {
    eventTime: 1767268800000,
    conversationId: conversation,
    mediaType: 'VOICE',
    ani: 'tel:+13175551234',
    unheard: ['jane.doe@example.org', 'Planted Person'],
  },
})
const broken = '{"name": "Planted Person", "call": "(317) 555-1234", '
const other = JSON.stringify({ messageId: 'call-2', contact: { phoneNumber: '+13175550000' } })

suite('erase', () => {
  test('leaves nothing of a person, and everything of the others', async () => {
    inlet = startInlet(['run'], options())
    await until(inlet, runIsUp)
    for (const body of [call, notification, broken, other, call]) await post(body)
    await landed(5)
    assert.ok((await plantedIn(folder.path, person)).length > 0)

    const dry = await runInlet(
      ['erase', '--phone', '317-555-1234', '--dry-run', '--json'],
      options(),
    )
    assert.equal(JSON.parse(dry.stdout).arrivals.rows, 3)
    const exported = await runInlet(['export', '--phone', '+13175551234'], options())
    assert.equal(exported.stdout.trim().split('\n').length, 3)
    const { stdout, stderr, code } = await runInlet(
      ['erase', '--phone', '317-555-1234', '--json'],
      options(),
    )
    assert.equal(code, 0, stderr)
    const report = JSON.parse(stdout)
    assert.deepEqual(report.arrivals.outcomes, { event: 2, dead_letter: 1 })
    assert.equal(report.journalRecords, 3)
    assert.deepEqual(await plantedIn(folder.path, person), [])
    for (const text of person)
      assert.ok(![stdout, stderr, dry.stderr, inlet.stderr()].join().includes(text))
    assert.match(JSON.stringify(await query('SELECT body FROM bronze.events')), /13175550000/)
    await auditIs({ clean: true, erased: 3, events: 3, duplicates: 1, deadLetters: 1 })
  })

  test('keeps them out of what comes again, and of what comes new', async () => {
    await post(call)
    await post(notification.replace('customer.start', 'customer.end'))
    await landed(8)
    // The journal lets go of what has landed with the next of its files.
    const lake = join(folder.path, 'data/lake')
    assert.deepEqual(await plantedIn(lake, person), [])
    await auditIs({ clean: true, events: 4, duplicates: 2, deadLetters: 1 })
  })

  test('finds nobody by what is no number, and says so without it', async () => {
    const { stderr, code } = await runInlet(['erase', '--phone', 'Planted Person'], {
      ...options(),
      expected: [2],
    })
    assert.equal(code, 2)
    assert.match(stderr, /INL_PRV_SUBJECT/)
    assert.doesNotMatch(stderr, /Planted/)
    assert.equal((await runInlet(['erase'], { ...options(), expected: [2] })).code, 2)
  })
})

async function landed(rows: number): Promise<void> {
  for (;;) {
    const [row] = await query(
      "SELECT count(*) AS n FROM bronze.arrivals WHERE reason IS DISTINCT FROM 'tally'",
    ).catch(() => [])
    if (Number(row?.['n'] ?? 0) >= rows) return
    assert.equal(inlet.child.exitCode, null, inlet.stderr())
  }
}

async function auditIs(expected: Record<string, unknown>): Promise<void> {
  const report = await told(options(), 'audit')
  const seen = Object.fromEntries(Object.keys(expected).map((name) => [name, report[name]]))
  assert.deepEqual(seen, expected, JSON.stringify(report))
}

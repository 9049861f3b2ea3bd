/** Transcripts in a table of their own: stored there alone, made anew there, erased there. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { freePort } from '../../src/core/free-port.ts'
import { silverTables } from '../../src/tables/silver.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { told } from './commands-in.ts'
import { until } from './inlet-output.ts'
import { type InletProcess, startInlet } from './inlet-process.ts'
import { writeOneSource } from './one-source.ts'
import { plantedIn } from './planted.ts'
import { runIsUp } from './several-gateways.ts'

const contact = '2f7bf00a-0fc2-4d6a-9b56-92238191433e'
const line = 'I would like to know where my parcel is. '
const transcript = line.repeat(40)

let folder: { path: string; dispose: () => Promise<void> }
let inlet: InletProcess
let port: number

before(async () => {
  folder = await temporaryFolder()
  port = await freePort()
  writeOneSource(
    folder.path,
    port,
    `lake: { commitEvery: 100ms, silverEvery: 1s }
privacy:
  key: { env: INLET_PRIVACY_KEY }
  largeFields: { fields: [transcript, wrapupNotes], over: 1KiB }
  rules: [{ field: transcript, action: keep }]`,
  )
  inlet = startInlet(['run'], options())
  await until(inlet, runIsUp)
})
after(async () => {
  inlet.signal('SIGKILL')
  await inlet.ended
  await folder.dispose()
})

const options = () => ({
  cwd: folder.path,
  env: { INLET_PRIVACY_KEY: 'a-key-that-is-long-enough-to-be-one' },
})

const json = (...args: string[]) => told({ ...options(), expected: [0] }, ...args)

const bodies = [
  { messageId: 'chat', eventType: 'chat.event', contact: { id: contact }, transcript },
  { messageId: 'short', eventType: 'chat.event', contact: { id: contact }, transcript: line },
  { anything: { transcript: [{ who: 'customer', said: transcript }] } },
  {
    topicName: `v2.detail.events.conversation.${contact}.user.end`,
    eventBody: { eventTime: 1767268800000, conversationId: contact, wrapupNotes: transcript },
  },
]

const large = () =>
  json(
    'query',
    `SELECT event_type, path, ordinal, bytes, value, date::VARCHAR AS date
     FROM silver.large_fields ORDER BY position`,
  )

async function elsewhere(): Promise<string[]> {
  const found: string[] = []
  for (const { name } of silverTables.filter((table) => table.name !== 'silver.large_fields')) {
    const path = join(folder.path, 'data/lake', name.replace('.', '/'))
    found.push(...(await plantedIn(path, [`${line}${line}`])))
  }
  return found
}

suite('large fields', () => {
  test('stand in a table of their own, as the rules leave them, and nowhere else', async () => {
    for (const body of bodies) {
      const url = `http://127.0.0.1:${port}/events`
      const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) })
      assert.equal(answer.status, 200, await answer.text())
    }
    inlet.signal('SIGTERM')
    assert.equal(await inlet.ended, 0, inlet.stderr())
    const rows = await large()
    const bytes = transcript.length + 2
    assert.equal(rows.length, 3)
    const [chat, free, notes] = rows
    assert.deepEqual([chat.path, chat.value, Number(chat.bytes)], ['transcript', transcript, bytes])
    assert.deepEqual(JSON.parse(free.value), [{ who: 'customer', said: transcript }])
    // No rule keeps it: what is personal by default is a pseudonym or a mask here too.
    assert.deepEqual([notes.path, notes.date], ['wrapupNotes', '2026-01-01'])
    assert.ok(!String(notes.value).includes(line))
    assert.deepEqual(await elsewhere(), [])
    const [other] = await json('query', 'SELECT body FROM silver.other_events')
    assert.equal(JSON.parse(other.body).anything.transcript, '***')
  })

  test('are made anew by a rebuild', async () => {
    const before = await large()
    await json('rebuild', 'silver')
    assert.deepEqual(await large(), before)
    assert.deepEqual(await elsewhere(), [])
  })

  test('go with whoever is erased, and stay away', async () => {
    const report = await json('erase', '--contact', contact)
    assert.ok(report.tables['silver.large_fields'] >= 1)
    const left = await large()
    assert.equal(left.length, 1)
    assert.match(left[0].value, /customer/)
    await json('rebuild', 'silver')
    assert.deepEqual(await large(), left)
  })
})

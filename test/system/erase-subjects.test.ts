/**
 * `inlet erase` of every kind of subject, beside a running Inlet: tried, done, done again; then
 * they come again, are filled back, and silver and gold are rebuilt. Nothing that is left names
 * them.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
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
import { settled } from './settled.ts'
import { runIsUp } from './several-gateways.ts'

const key = 'a-key-that-is-long-enough-to-be-one'
const uuid = (digit: string) => `${digit.repeat(8)}-0fc2-4d6a-9b56-92238191433e`
const [contact, user, conversation, queue] = ['1', '2', '3', '4'].map(uuid)
const email = 'jane.doe@host.example'
const other = uuid('5')

let made = 0
/** A detail event of a conversation, each with a time of its own. */
function step(of: string, name: string, body: object): string {
  const eventTime = 1767268800000 + 1000 * ++made
  const common = { eventTime, conversationId: of, participantId: uuid('6'), sessionId: uuid('7') }
  return JSON.stringify({
    topicName: `v2.detail.events.conversation.${of}.${name}`,
    version: '2',
    eventBody: { ...common, mediaType: 'VOICE', direction: 'INBOUND', ...body },
  })
}

/** What each of them sends, and what is planted in it. */
const people: readonly {
  readonly kind: string
  readonly as: string
  readonly planted: readonly string[]
  readonly bodies: readonly string[]
}[] = [
  {
    kind: 'email',
    as: 'Jane.Doe@HOST.example',
    planted: ['jane.doe', 'Jane.Doe', 'Planted Emilia'],
    bodies: [
      step(uuid('8'), 'customer.start', { addressFrom: email, unheard: ['Planted Emilia'] }),
      step(uuid('8'), 'customer.end', { subject: `Re: <${email}> wrote`, [email]: 'a key' }),
      JSON.stringify({
        messageId: 'emilia',
        eventType: 'email.event',
        contact: { id: 'c-emilia', email: ` ${email} `, customerName: 'Planted Emilia' },
      }),
      `{"cut": "Planted Emilia", "to": "${email}", `,
    ],
  },
  {
    kind: 'contact',
    as: contact ?? '',
    planted: [contact ?? '', 'Planted Conrad'],
    bodies: [
      step(uuid('9'), 'customer.start', { externalContactId: contact, ani: 'Planted Conrad' }),
      JSON.stringify({
        messageId: 'conrad',
        eventType: 'call.event',
        contact: { id: contact, customerName: 'Planted Conrad' },
        queue: { id: queue },
      }),
    ],
  },
  {
    kind: 'user',
    as: user ?? '',
    planted: [user ?? '', 'Planted Ursula'],
    bodies: [
      step(uuid('a'), 'user.end', { userId: user, wrapupNotes: 'Planted Ursula' }),
      JSON.stringify({
        topicName: `v2.users.${user}.presence`,
        version: '2',
        eventBody: { source: 'PURECLOUD', message: 'Planted Ursula', primary: true },
      }),
      JSON.stringify({
        notificationId: 'ursula',
        eventType: 'agentLogin',
        timestamp: '2026-01-01T12:00:00Z',
        data: { userId: user, name: 'Planted Ursula' },
      }),
    ],
  },
  {
    kind: 'conversation',
    as: conversation ?? '',
    planted: [conversation ?? '', 'Planted Conny'],
    bodies: [
      step(conversation ?? '', 'customer.start', { ani: 'Planted Conny' }),
      step(conversation ?? '', 'acd.end', { connectedDurationMs: 1500, queueId: queue }),
      `{"conversationId": "${conversation}", "cut": "Planted Conny`,
    ],
  },
]
const bystander = step(other, 'customer.start', { ani: 'tel:+13175550000' })
const planted = people.flatMap((one) => one.planted)
const bodies = people.flatMap((one) => one.bodies)

let folder: { path: string; dispose: () => Promise<void> }
let elsewhere: { path: string; dispose: () => Promise<void> }
let port: number
let inlet: InletProcess

before(async () => {
  folder = await temporaryFolder()
  elsewhere = await temporaryFolder()
  port = await freePort()
  writeOneSource(
    folder.path,
    port,
    `lake: { commitEvery: 100ms, silverEvery: 1s, goldEvery: 1s }
privacy: { key: { env: INLET_PRIVACY_KEY }, country: US }`,
  )
})
after(async () => {
  await stop()
  await folder.dispose()
  await elsewhere.dispose()
})

const options = () => ({
  cwd: folder.path,
  env: { INLET_PRIVACY_KEY: key },
})

async function start(): Promise<void> {
  inlet = startInlet(['run'], options())
  await until(inlet, runIsUp)
}

/** Everything that was sent is in gold then. */
async function stop(): Promise<void> {
  inlet.signal('SIGTERM')
  await inlet.ended
}

async function post(texts: readonly string[]): Promise<void> {
  for (const body of texts) {
    const answer = await fetch(`http://127.0.0.1:${port}/events`, { method: 'POST', body })
    assert.ok(answer.ok, await answer.text())
  }
}

const json = (...args: string[]) => told(options(), ...args)

const rowsOf = (sql: string) => json('query', sql)

/** Every file below the data folder, by what it holds. */
function contents(path = join(folder.path, 'data')): Map<string, string> {
  const names = readdirSync(path, { recursive: true, withFileTypes: true })
  const files = names.filter((entry) => entry.isFile())
  return new Map(
    files.map(({ parentPath, name }) => {
      const file = join(parentPath, name)
      return [file, createHash('sha256').update(readFileSync(file)).digest('hex')]
    }),
  )
}

const found = (path: string) => plantedIn(join(folder.path, path), planted)

/** But for what is told of the bodies themselves, which are others. */
async function silver(): Promise<Map<string, unknown>> {
  const all = new Map<string, unknown>()
  for (const { name } of silverTables) {
    if (name === 'silver.violations') continue
    all.set(name, await rowsOf(`SELECT * FROM ${name} ORDER BY ALL`))
  }
  return all
}

suite('erase', () => {
  test('that is only tried changes nothing', async () => {
    await start()
    await post([...bodies, bystander])
    await stop()
    assert.ok((await found('data/lake/silver')).length > 0)
    const held = contents()
    for (const { kind, as, bodies: own } of [...people.slice(0, 1), ...people.slice(3)]) {
      const report = await json('erase', `--${kind}`, as, '--dry-run')
      assert.deepEqual([report.arrivals.rows, report.journalRecords], [own.length, own.length])
      assert.ok(report.tables['silver.conversation_events'] >= 1, kind)
    }
    assert.deepEqual(contents(), held)
  })

  test('finds as much as it said, then nothing more', async () => {
    await start()
    await settled(options())
    for (const { kind, as, bodies: own } of people) {
      const tried = await json('erase', `--${kind}`, as, '--dry-run')
      const done = await json('erase', `--${kind}`, as)
      assert.deepEqual({ ...done, dryRun: true }, tried)
      assert.equal(done.arrivals.rows, own.length)
    }
    for (const { kind, as } of people.slice(2)) {
      const again = await json('erase', `--${kind}`, as)
      const rewritten = new Set(Object.values<number>(again.tables))
      assert.deepEqual([again.arrivals.rows, again.journalRecords], [0, 0], kind)
      assert.deepEqual(rewritten, new Set([0]), JSON.stringify(again.tables))
    }
    assert.deepEqual(await found('.'), [])
    const audit = await json('audit')
    assert.deepEqual([audit.clean, audit.erased], [true, bodies.length])
  })

  test('keeps them out of what is delivered again and of what is filled back', async () => {
    await post(bodies)
    const backfill = bodies.filter((body) => body.endsWith('}'))
    const fresh = backfill.map((body) => body.replaceAll(/"(messageId|notificationId)":"/g, '$&2-'))
    mkdirSync(join(elsewhere.path, 'history'))
    writeFileSync(join(elsewhere.path, 'history/a.ndjson'), [...fresh, bystander].join('\n'))
    await json('import', join(elsewhere.path, 'history'), '--source', 'trial')
    await settled(options())
    const audit = await json('audit')
    assert.equal(audit.clean, true, JSON.stringify(audit))
    assert.equal(audit.erased, 2 * bodies.length + fresh.length)
    assert.deepEqual(await found('data/lake'), [])
    for (const { kind, as } of people) {
      const { arrivals, journalRecords } = await json('erase', `--${kind}`, as)
      assert.deepEqual([arrivals.rows, journalRecords > 0], [0, true])
    }
    assert.deepEqual(await found('.'), [])
  })

  test('is not undone by a rebuild, which makes the same of bronze', async () => {
    const before = await silver()
    await json('rebuild', 'silver')
    await json('rebuild', 'gold')
    await settled(options())
    const behind = await silver()
    for (const [name, rows] of before) assert.deepEqual(behind.get(name), rows, name)
    assert.deepEqual(await found('.'), [])
    const [told] = await rowsOf(
      `SELECT count(*) AS n FROM silver.conversation_events WHERE conversation_id = '${other}'`,
    )
    assert.equal(Number(told.n), 1)
    const [{ n }] = await rowsOf('SELECT count(*) AS n FROM gold.conversations')
    assert.ok(Number(n) >= 1)
    assert.equal((await json('audit')).clean, true)
  })
})

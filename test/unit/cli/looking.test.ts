/** Commands that look at a journal and a lake, over a real journal and a real lake. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { realMachine } from '../../../src/app/machine.ts'
import type { Entry } from '../../../src/journal/entry.ts'
import { eventEntry } from '../../support/entries.ts'
import { type Desk, openDesk } from '../../support/shell.ts'

const unreadableBody = Buffer.from('{"messageId": "event-3", "cut')

const entries: readonly Entry[] = [
  ...[0, 1, 2, 3].map((number) => eventEntry(number)),
  {
    kind: 'unreadable',
    source: 'test',
    sender: 'tester',
    headers: '{}',
    receivedAt: 1_760_000_000_100,
    reason: 'invalid_json',
    detail: 'Unexpected end \u001b[31m',
    body: unreadableBody,
    bodySha256: createHash('sha256').update(unreadableBody).digest(),
  },
]

suite('looking at a journal that has not landed', () => {
  let desk: Desk
  before(async () => {
    desk = await openDesk()
    await desk.append(...entries)
  })
  after(() => desk.dispose())

  test('status counts what has not landed, and makes no lake', async () => {
    const { code, stdout } = await desk.run('status', '--json')
    const { journal, lake, deadLetters, certificates } = JSON.parse(stdout)
    assert.equal(code, 0)
    assert.equal(journal.lag, 5)
    assert.equal(journal.unlanded.events, 5)
    assert.ok(journal.unlanded.bytes > 0)
    const age = (realMachine.clock.now() - 1_760_000_000_000) / 1000
    assert.ok(Math.abs(journal.unlanded.oldestSeconds - age) < 60)
    assert.equal(lake.freshnessSeconds, journal.unlanded.oldestSeconds)
    assert.ok(journal.secondsToFull > 0)
    assert.equal(journal.partitions[0].partition, 'gateway-0')
    assert.deepEqual([deadLetters, certificates], [{ open: 0, oldestSeconds: null }, []])
    assert.equal(existsSync(join(desk.folder, 'data/lake')), false)
  })

  test('trace finds an event in the journal, and an unreadable body with its id', async () => {
    const { code, stdout } = await desk.run('trace', 'event-3', '--json')
    const { records } = JSON.parse(stdout)
    assert.equal(code, 0)
    assert.deepEqual(
      records.map((one: Record<string, unknown>) => [one['where'], one['what'], one['position']]),
      [
        ['journal', 'event', 3],
        ['journal', 'unreadable', 4],
      ],
    )
    assert.equal(stdout.includes('"body"'), false)
  })

  test('trace of a conversation shows bodies to whoever asks', async () => {
    const { stdout } = await desk.run('trace', 'conversation-2', '--bodies')
    assert.match(stdout, /gateway-0\/2 +event +call\.event +event-2/)
    assert.match(stdout, /\{"messageId":"event-2","number":2\}/)
  })

  test('trace of nothing is refused: unreadable bodies that hold it are all of them', async () => {
    for (const id of ['', ' ']) {
      const { code, stderr } = await desk.run('trace', id)
      assert.equal(code, 2)
      assert.match(stderr, /the id is empty/)
    }
  })

  test('trace of something unknown fails', async () => {
    const { code, stderr } = await desk.run('trace', 'nobody')
    assert.deepEqual([code, stderr], [1, 'Nothing is known of nobody.\n'])
  })

  test('query says that there is no lake, and where it looked', async () => {
    const { code, stderr } = await desk.run('query', 'SELECT 1')
    assert.equal(code, 1)
    assert.match(stderr, /there is no table bronze\.arrivals.*data\/lake.*lake\.url/)
  })

  test('journal inspect shows segments and records, and no bodies', async () => {
    const { code, stdout } = await desk.run('journal', 'inspect', '--from', '2', '--limit', '3')
    assert.equal(code, 0)
    assert.match(stdout, /^gateway-0 {2}positions 0 to 4, /)
    assert.match(stdout, /0000000000-0000000000000000\.seg +from 0/)
    assert.deepEqual(stdout.match(/^\d+ +\w+/gm), [
      '2         event',
      '3         event',
      '4         unreadable',
    ])
    assert.match(stdout, /invalid_json: Unexpected end \\u001b\[31m/)
    assert.doesNotMatch(stdout, /messageId/)
  })

  test('journal inspect gives everything as JSON, bodies where asked', async () => {
    const { stdout } = await desk.run('journal', 'inspect', '--bodies', '--json')
    const [partition] = JSON.parse(stdout).partitions
    assert.equal(partition.records.length, 5)
    assert.equal(partition.records[4].body, String(unreadableBody))
    assert.equal(partition.segments[0].first, 0)
  })

  test('journal inspect names the partitions where there is no such one', async () => {
    const { code, stderr } = await desk.run('journal', 'inspect', '--partition', 'gateway-9')
    assert.equal(code, 2)
    assert.match(stderr, /has no partition gateway-9\. Its partitions: gateway-0\./)
  })
})

suite('looking at what has landed', () => {
  let desk: Desk
  before(async () => {
    const sql = 'SELECT count(*) AS events FROM bronze.events'
    desk = await openDesk({ readInput: async () => sql })
    await desk.append(...entries, eventEntry(1))
    assert.equal((await desk.run('loader', '--once')).code, 0)
    await desk.append(eventEntry(9, { id: 'event-3', body: '{"other":true}' }))
  })
  after(() => desk.dispose())

  test('status tells what the lake holds and what it still lacks', async () => {
    const { stdout } = await desk.run('status', '--json')
    const { journal, lake, silver, gold, deadLetters } = JSON.parse(stdout)
    assert.equal(journal.lag, 1)
    for (const layer of [silver, gold]) assert.equal(layer.behind, 0)
    assert.deepEqual([lake.rows, lake.version], [6, 1])
    assert.equal(deadLetters.open, 1)
    assert.equal(journal.partitions[0].landed, 6)
  })

  test('status is told to people in a few lines', async () => {
    const { stdout } = await desk.run('status')
    assert.match(stdout, /^not landed +1 record, /)
    assert.match(stdout, /\ngateway-0 +0 +7 +6 +1 /)
  })

  test('query prints tables, CSV and JSON', async () => {
    const sql = 'SELECT outcome, count(*) AS n FROM bronze.arrivals GROUP BY ALL ORDER BY 1'
    const asTable = await desk.run('query', sql)
    assert.match(asTable.stdout, /^outcome +n\n-+ +-\ndead_letter +1\nduplicate +1\nevent +4\n$/)
    assert.equal(asTable.stderr, '3 rows\n')
    const csv = await desk.run('query', '--format', 'csv', sql)
    assert.equal(csv.stdout, 'outcome,n\ndead_letter,1\nduplicate,1\nevent,4\n')
    const json = await desk.run('query', sql, '--json')
    assert.deepEqual(JSON.parse(json.stdout)[2], { outcome: 'event', n: 4 })
    assert.equal(json.stderr, '')
  })

  test('query reads its statement from stdin', async () => {
    const { code, stdout } = await desk.run('query', '-', '--format', 'csv')
    assert.deepEqual([code, stdout], [0, 'events\n4\n'])
  })

  test('query refuses to write, and to read other files', async () => {
    const refused = [
      `COPY (SELECT 1) TO '${desk.folder}/x.csv'`,
      `SELECT * FROM read_text('${desk.folder}/inlet.yaml')`,
      '',
    ]
    for (const sql of refused) {
      const { code, stderr } = await desk.run('query', sql, '--json')
      assert.equal(code, 2, sql)
      assert.equal(JSON.parse(stderr).error.code, 'INL_LAK_QUERY_REFUSED')
    }
  })

  test('trace joins the lake and the journal in order of receipt', async () => {
    const { stdout } = await desk.run('trace', 'event-3', '--json')
    const records: Record<string, unknown>[] = JSON.parse(stdout).records
    const shown = records.filter((one) => one['what'] !== 'silver.violations')
    assert.deepEqual(
      shown.map((one) => [one['where'], one['what'], one['position']]),
      [
        ['lake', 'event', 3],
        ['silver', 'silver.interactions', 3],
        ['journal', 'event', 6],
        ['lake', 'dead_letter', 4],
        ['gold', 'gold.conversations', null],
      ],
    )
  })

  test('trace shows a repeated delivery beside its event', async () => {
    const { stdout } = await desk.run('trace', 'event-1')
    assert.match(stdout, /gateway-0\/1 +event [\s\S]*gateway-0\/5 +duplicate .*same_bytes/)
  })

  test('audit finds it clean', async () => {
    const { code, stdout } = await desk.run('audit', '--json')
    assert.equal(code, 0)
    assert.equal(JSON.parse(stdout).clean, true)
  })

  test('audit warns of a body that stands under two ids, and is clean with it', async () => {
    const { envelope } = eventEntry(0)
    await desk.append(eventEntry(0, { id: 'another', body: String(Buffer.from(envelope.body)) }))
    assert.equal((await desk.run('loader', '--once')).code, 0)
    const told = {
      ...{ bodySha256: Buffer.from(envelope.bodySha256).toString('hex'), scope: 'test' },
      ...{ eventIds: ['another', 'event-0'], rows: 2 },
    }
    const asJson = await desk.run('audit', '--json')
    assert.equal(asJson.code, 0)
    assert.deepEqual(JSON.parse(asJson.stdout).sameBodies, [told])
    const { stdout } = await desk.run('audit')
    assert.ok(stdout.includes(`same body ${JSON.stringify(told)}\n`), stdout)
  })
})

suite('looking at a journal that lost something', () => {
  let desk: Desk
  before(async () => {
    desk = await openDesk()
    for (let round = 0; round < 4; round++) await desk.append(eventEntry(round))
    const folder = join(desk.folder, 'data/journal/gateway-0')
    const [first, , third] = readdirSync(folder).filter((name) => name.endsWith('.seg'))
    const path = join(folder, first ?? '')
    const bytes = readFileSync(path)
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1)
    writeFileSync(path, bytes)
    await realMachine.files.remove(join(folder, third ?? ''))
  })
  after(() => desk.dispose())

  test('journal inspect shows what is damaged and what is gone, and goes on', async () => {
    const { code, stdout } = await desk.run('journal', 'inspect', '--json')
    assert.equal(code, 0)
    const [{ records }] = JSON.parse(stdout).partitions
    assert.deepEqual(
      records.map((one: Record<string, unknown>) => [one['position'], one['kind']]),
      [
        [0, 'damaged'],
        [1, 'event'],
        [2, 'gap'],
        [3, 'event'],
      ],
    )
    assert.match(records[2].detail, /positions 2 to 2 are gone/)
  })

  test('status and audit name what is gone from the middle', async () => {
    const status = await desk.run('status', '--json')
    assert.equal(status.code, 1)
    const [partition] = JSON.parse(status.stdout).journal.partitions
    assert.equal(partition.trouble, 'positions 2 to 2 are gone')
    const audit = await desk.run('audit', '--json')
    assert.equal(audit.code, 1)
    const { missing } = JSON.parse(audit.stdout)
    const { journalId } = partition
    assert.deepEqual(missing, [{ partition: 'gateway-0', journalId, from: 2, to: 2 }])
  })
})

test('a table that another engine gave features of its own is named, and not read', async () => {
  const desk = await openDesk()
  try {
    await desk.append(...entries)
    assert.equal((await desk.run('loader', '--once')).code, 0)
    const folder = join(desk.folder, 'data/lake/bronze/arrivals/_delta_log')
    const last = readdirSync(folder).filter((name) => /^\d{20}\.json$/.test(name)).length - 1
    const protocol = {
      minReaderVersion: 3,
      minWriterVersion: 7,
      readerFeatures: ['deletionVectors'],
    }
    const next = join(folder, `${String(last + 1).padStart(20, '0')}.json`)
    writeFileSync(next, JSON.stringify({ protocol }))
    const asked = await desk.run('query', 'SELECT count(*) FROM bronze.events')
    assert.equal(asked.code, 1)
    assert.match(asked.stderr, /bronze\/arrivals asks for Delta reader 3.*INL_LAK_READER/)
    assert.equal((await desk.run('query', 'SELECT count(*) FROM gold.books')).code, 0)
    const looked = await desk.run('doctor')
    assert.equal(looked.code, 1)
    assert.match(looked.stdout, /FAIL +table +bronze\/arrivals asks for Delta reader 3/)
    const { code, stdout } = await desk.run('status')
    assert.equal(code, 1)
    assert.match(stdout, /cannot be read: bronze\/arrivals asks for Delta reader 3/)
  } finally {
    await desk.dispose()
  }
})

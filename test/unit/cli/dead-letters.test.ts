/** Dead letters from the command line: found, shown, sent through the road again, left at that. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { afterEach, beforeEach, suite, test } from 'node:test'
import type { UnreadableEntry } from '../../../src/journal/entry.ts'
import { type Desk, openDesk, plainConfig } from '../../support/shell.ts'

const firstCame = Date.UTC(2026, 0, 5, 6, 7, 8, 9)
const secret = 'Erika Mustermann'

function letter(body: string, change: Partial<UnreadableEntry> = {}): UnreadableEntry {
  const bytes = Buffer.from(body)
  return {
    kind: 'unreadable',
    source: 'trial',
    sender: 'hmac:trial',
    headers: '{"user-agent":"genesys"}',
    receivedAt: firstCame,
    reason: 'other_org',
    detail: 'the event names an organisation that is not the one of its source',
    body: bytes,
    bodySha256: createHash('sha256').update(bytes).digest(),
    ...change,
  }
}

const event = (id: string, data: object = {}) => JSON.stringify({ notificationId: id, data })

let desk: Desk
beforeEach(async () => {
  desk = await openDesk()
})
afterEach(() => desk.dispose())

/** Made durable and landed. */
async function land(...letters: UnreadableEntry[]): Promise<void> {
  await desk.append(...letters)
  await load()
}

async function load(): Promise<void> {
  assert.equal((await desk.run('loader', '--once')).code, 0)
}

async function json(...args: string[]) {
  const ran = await desk.run('dead-letters', ...args, '--json')
  return { code: ran.code, ...JSON.parse(ran.stdout || ran.stderr) }
}

async function ids(...args: string[]): Promise<string[]> {
  const { deadLetters } = await json('list', ...args)
  return deadLetters.map(({ id }: { id: string }) => id)
}

async function query(sql: string): Promise<unknown[][]> {
  const rows: object[] = JSON.parse((await desk.run('query', '--json', sql)).stdout)
  return rows.map((row) => Object.values(row))
}

async function isClean(): Promise<boolean> {
  return JSON.parse((await desk.run('audit', '--json')).stdout).clean
}

suite('dead-letters list', () => {
  test('of a lake with nothing in it is nothing', async () => {
    const { deadLetters, totals } = await json('list')
    assert.deepEqual([deadLetters, totals], [[], []])
    assert.match((await desk.run('dead-letters', 'list')).stdout, /^Nothing has landed\.$/m)
  })

  test('filters by source, reason and time, and counts all of them by reason', async () => {
    await land(
      letter('1'),
      letter('2', { source: 'gone' }),
      letter('3', { reason: 'invalid_json', receivedAt: firstCame + 1000 }),
    )
    assert.deepEqual(await ids(), ['gateway-0/2', 'gateway-0/1', 'gateway-0/0'])
    assert.deepEqual(await ids('--source', 'gone'), ['gateway-0/1'])
    assert.deepEqual(await ids('--reason', 'invalid_json'), ['gateway-0/2'])
    assert.deepEqual(await ids('--since', '2026-01-05T06:07:09Z'), ['gateway-0/2'])
    assert.deepEqual(await ids('--until', '2026-01-05T06:07:09Z'), ['gateway-0/1', 'gateway-0/0'])
    assert.deepEqual(await ids('--type', 'customer.end'), [])
    assert.deepEqual(await ids('--limit', '1'), ['gateway-0/2'])
    assert.equal(JSON.parse((await desk.run('status', '--json')).stdout).deadLetters.open, 3)
    assert.match((await desk.run('status')).stdout, /dead letters +3 open, the oldest for /)
    assert.deepEqual((await json('list', '--limit', '0')).totals, [
      { reason: 'other_org', open: 2, replayed: 0, discarded: 0 },
      { reason: 'invalid_json', open: 1, replayed: 0, discarded: 0 },
    ])
  })

  test('shows no body, and show only where it is asked to', async () => {
    await land(letter(event('a', { name: secret })))
    for (const args of [['list'], ['list', '--json'], ['show', 'gateway-0/0']]) {
      const { stdout } = await desk.run('dead-letters', ...args)
      assert.match(stdout, /other_org/)
      assert.doesNotMatch(stdout, /Erika/)
    }
    assert.equal((await json('show', 'gateway-0/0', '--body')).body, event('a', { name: secret }))
    const { stdout } = await desk.run('dead-letters', 'show', 'gateway-0/0', '--body')
    assert.match(stdout, /hmac:trial[\s\S]*user-agent[\s\S]*Erika/)
  })

  test('what is no id, or no letter, is said', async () => {
    await land(letter('1'))
    for (const id of ['gateway-0', 'gateway-0/1', 'gateway-0/0@ffff'])
      assert.equal((await desk.run('dead-letters', 'show', id)).code, 2)
  })
})

suite('dead-letters replay', () => {
  test('brings the event with its sender, its first time and the rules of today', async () => {
    await land(letter(event('a')))
    const { code, replayed, events, skipped } = await json('replay', 'gateway-0/0')
    assert.deepEqual([code, replayed, events, skipped], [0, 1, 1, []])
    await load()
    const sql = `SELECT event_id, source, sender, headers, epoch_ms(received_at), body,
      journal_partition FROM bronze.events`
    const headers = '{"user-agent":"genesys"}'
    assert.deepEqual(await query(sql), [
      ['a', 'trial', 'hmac:trial', headers, firstCame, event('a'), 'replay'],
    ])
    assert.deepEqual(await ids(), [])
    assert.deepEqual(await ids('--state', 'replayed'), ['gateway-0/0'])
    assert.equal(await isClean(), true)
  })

  test('a second time makes no second event, landed or not', async () => {
    await land(letter(event('a')))
    await json('replay', '--all')
    const { replayed, skipped, code } = await json('replay', 'gateway-0/0')
    assert.deepEqual([replayed, skipped, code], [0, [{ id: 'gateway-0/0', why: 'not_open' }], 1])
    await load()
    assert.equal((await json('replay', '--all')).replayed, 0)
    await load()
    assert.deepEqual(await query('SELECT count(*) FROM bronze.events'), [[1]])
  })

  test('an event that is in the lake already becomes a duplicate of it', async () => {
    const timeless = '{"topicName":"v2.routing.queues.1.observations","eventBody":{"data":[]}}'
    await land(letter(event('a')), letter(timeless), letter(event('a')), letter(timeless))
    for (const [first, second] of [
      ['gateway-0/0', 'gateway-0/1'],
      ['gateway-0/2', 'gateway-0/3'],
    ] as const) {
      assert.equal((await json('replay', first, second)).events, 2)
      await load()
    }
    assert.deepEqual(await query('SELECT count(*) FROM bronze.events'), [[2]])
    assert.deepEqual(await query('SELECT count(*) FROM bronze.duplicates'), [[2]])
    assert.equal(await isClean(), true)
  })

  test('what fails again is a dead letter again, until it had its attempts', async () => {
    await land(letter('{"open":'))
    for (let attempt = 1; attempt <= 2; attempt++) {
      const report = await json('replay', '--all', '--attempts', '2')
      assert.deepEqual([report.replayed, report.deadLetters], [1, 1])
      await load()
    }
    const [last] = (await json('list')).deadLetters
    const { attempts, replayOf, detail, reason, receivedAt } = last
    assert.deepEqual([attempts, detail, reason], [2, 'the text is not JSON', 'invalid_json'])
    assert.equal(receivedAt, new Date(firstCame).toISOString())
    assert.equal((await json('show', replayOf)).replayOf, 'gateway-0/0')
    const refused = await json('replay', last.id, '--attempts', '2')
    assert.deepEqual(refused.skipped, [{ id: last.id, why: 'attempts' }])
    assert.equal(refused.code, 1)
    assert.equal((await json('replay', last.id)).replayed, 1)
    assert.equal(await isClean(), true)
  })

  test('what its source does not want any more is counted, and is no letter any more', async () => {
    await land(letter(event('a', { internal: true })))
    const accept = 'accept: { exclude: [{ field: data.internal, equals: true }] }'
    await desk.write('inlet.yaml', plainConfig.replace('auth: none', `auth: none, ${accept}`))
    const { replayed, events, filtered } = await json('replay', '--all')
    assert.deepEqual([replayed, events, filtered], [1, 0, 1])
    await load()
    assert.deepEqual(await ids(), [])
    assert.equal(JSON.parse((await desk.run('audit', '--json')).stdout).filtered, 1)
  })

  test('a batch whose end was lost gives what can be read of it', async () => {
    await land(letter(`${event('a')}\n${event('b')}\n{"cut`, { reason: 'boundaries_lost' }))
    const { events, deadLetters } = await json('replay', '--reason', 'boundaries_lost')
    assert.deepEqual([events, deadLetters], [2, 1])
  })

  test('what cannot come in again says why', async () => {
    await land(letter('1', { source: 'gone' }))
    const { skipped } = await json('replay', '--all')
    assert.deepEqual(skipped, [{ id: 'gateway-0/0', why: 'source_unknown' }])
    const { stdout } = await desk.run('dead-letters', 'replay', '--all')
    assert.match(stdout, /gateway-0\/0 is of a source that the configuration does not have/)
  })

  test('a dry run changes nothing', async () => {
    await land(letter(event('a')))
    assert.equal((await json('replay', '--all', '--dry-run')).replayed, 1)
    assert.deepEqual(await ids(), ['gateway-0/0'])
  })

  test('which letters has to be said in one way', async () => {
    for (const args of [[], ['--all', '--source', 'trial'], ['gateway-0/0', '--all']])
      assert.equal((await desk.run('dead-letters', 'replay', ...args)).code, 2)
  })
})

suite('dead-letters discard', () => {
  test('is noted with the reason, and counts before it has landed', async () => {
    await land(letter(event('a')), letter('', { reason: 'empty' }))
    const { discarded } = await json('discard', '--of-reason', 'empty', '--reason', 'a probe')
    assert.equal(discarded, 1)
    assert.deepEqual(await ids(), ['gateway-0/0'])
    await load()
    const { state, why } = await json('show', 'gateway-0/1')
    assert.deepEqual([state, why], ['discarded', 'a probe'])
    assert.equal((await json('replay', 'gateway-0/1')).skipped[0].why, 'not_open')
    const again = await json('discard', 'gateway-0/1', '--reason', 'again')
    assert.deepEqual([again.discarded, again.notOpen, again.code], [0, ['gateway-0/1'], 1])
    assert.equal(await isClean(), true)
  })

  test('asks for a reason', async () => {
    assert.equal((await desk.run('dead-letters', 'discard', '--all')).code, 2)
    assert.equal((await desk.run('dead-letters', 'discard', '--all', '--reason', ' ')).code, 2)
  })
})

/** Existing history from the command line. */
import assert from 'node:assert/strict'
import { mkdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { realMachine } from '../../../src/app/machine.ts'
import { type Desk, openDesk, plainConfig } from '../../support/shell.ts'

const event = (id: string, data: object = {}) => JSON.stringify({ notificationId: id, data })

suite('inlet import', () => {
  let desk: Desk
  beforeEach(async () => {
    desk = await openDesk()
    await mkdir(join(desk.folder, 'history/deep'), { recursive: true })
  })
  afterEach(() => desk.dispose())

  const file = (name: string, bytes: string | Uint8Array) =>
    writeFile(join(desk.folder, 'history', name), bytes)

  async function take(path: string, ...args: string[]) {
    const all = ['import', path, '--source', 'trial', '--no-wait', '--json', ...args]
    const { code, stdout, stderr } = await desk.run(...all)
    return { code, ...JSON.parse(stdout || stderr) }
  }

  async function query(sql: string): Promise<unknown[][]> {
    assert.equal((await desk.run('loader', '--once')).code, 0)
    const rows: object[] = JSON.parse((await desk.run('query', '--json', sql)).stdout)
    return rows.map((row) => Object.values(row))
  }

  const ids = 'SELECT event_id FROM bronze.events ORDER BY event_id'

  test('takes a folder of files in every shape, and says what it took', async () => {
    await file('1.ndjson', `${event('a')}\n${event('b')}\nnot json\n`)
    await file('2.json.gz', gzipSync(`[${event('c')},${event('d')}]`))
    await file('deep/3.json', `${event('e')}${event('f')}`)
    await file('.hidden', event('g'))
    const { code, files, stored, deadLetters, from, to } = await take('history')
    assert.deepEqual([code, files, stored, deadLetters], [0, 3, 6, 1])
    assert.equal(from, 0)
    assert.ok(to > 7)
    assert.deepEqual(await query(ids), [['a'], ['b'], ['c'], ['d'], ['e'], ['f']])
    const told = `SELECT source, sender, headers, journal_partition
      FROM bronze.events WHERE event_id = 'e'`
    const headers = '{"import-file":"deep/3.json"}'
    assert.deepEqual(await query(told), [['trial', 'import', headers, 'import']])
    const notes = `SELECT reason FROM bronze.notes ORDER BY position`
    assert.deepEqual(await query(notes), [['tally'], ['imported']])
    const { clean, acknowledged } = JSON.parse((await desk.run('audit', '--json')).stdout)
    assert.deepEqual([clean, acknowledged], [true, 7])
  })

  test('names the bucket that it cannot ask, and how to say where it is', async (t) => {
    const { env } = process
    const before = { ...env }
    t.after(() => Object.assign(env, before))
    for (const name of Object.keys(env)) if (name.startsWith('AWS_')) delete env[name]
    Object.assign(env, { AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' })
    Object.assign(env, { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' })
    const { code, error } = await take('s3://backup/failed/')
    assert.equal(code, 1)
    assert.equal(error.code, 'INL_APP_IMPORT_STORE')
    assert.match(
      error.message,
      /what is to be imported, at .*s3:\/\/backup.*Region is missing.*AWS_REGION/s,
    )
  })

  test('run again makes no second event, of what has no time of its own either', async () => {
    const timeless = '{"topicName":"v2.routing.queues.1.observations","eventBody":{"data":[]}}'
    await file('1.json', `${event('a')}\n${timeless}`)
    const written = new Date(realMachine.clock.now() - 86_400_000 * 30)
    await utimes(join(desk.folder, 'history/1.json'), written, written)
    for (let time = 0; time < 2; time++) {
      assert.equal((await take('history/1.json')).stored, 2)
      await desk.run('loader', '--once')
    }
    const counts = 'SELECT outcome, count(*) FROM bronze.arrivals GROUP BY 1 ORDER BY 1 LIMIT 2'
    assert.deepEqual(await query(counts), [
      ['duplicate', 2],
      ['event', 2],
    ])
    const day = 'SELECT DISTINCT date::VARCHAR FROM bronze.events'
    assert.deepEqual(await query(day), [[written.toISOString().slice(0, 10)]])
  })

  test('tells of events that retention takes away at once, or whose time cannot be', async () => {
    const { clock } = realMachine
    const of = (daysAgo: number) =>
      JSON.stringify({
        notificationId: `of-${daysAgo}`,
        timestamp: clock.now() - daysAgo * 86_400_000,
        data: {},
      })
    await file('1.json', `${of(1)}${of(399)}${of(402)}`)
    const written = new Date(clock.now() - 86_400_000 * 5)
    await file('2.json', `${of(404)}${of(500)}`)
    await utimes(join(desk.folder, 'history/2.json'), written, written)
    assert.partialDeepStrictEqual(await take('history'), { stored: 5, notKept: 1, undated: 2 })
  })

  test('what Firehose could not deliver came when it arrived there', async () => {
    const rawData = Buffer.from(event('a')).toString('base64')
    const arrivalTimestamp = Date.UTC(2026, 9, 1)
    await file('1', JSON.stringify({ attemptsMade: 5, arrivalTimestamp, errorCode: 'x', rawData }))
    await take('history')
    const sql = 'SELECT event_id, epoch_ms(received_at) FROM bronze.events'
    assert.deepEqual(await query(sql), [['a', arrivalTimestamp]])
  })

  test('the rules of the source hold', async () => {
    const accept = 'accept: { exclude: [{ field: data.internal, equals: true }] }'
    await desk.write('inlet.yaml', plainConfig.replace('auth: none', `auth: none, ${accept}`))
    await file('1.json', `${event('a')}\n${event('b', { internal: true })}`)
    const { stored, filtered } = await take('history')
    assert.deepEqual([stored, filtered], [1, 1])
    assert.deepEqual(await query(ids), [['a']])
  })

  test('a file that is damaged is told of, and the others are taken', async () => {
    const whole = gzipSync(event('a').repeat(1000))
    await file('1.json.gz', whole.subarray(0, whole.length - 20))
    await file('2.json', event('b'))
    const { code, failed, files } = await take('history')
    assert.deepEqual([code, files, failed.length, failed[0].file], [1, 2, 1, '1.json.gz'])
    assert.ok((await query(ids)).some(([id]) => id === 'b'))
  })

  test('a source or a path that is not there is a wrong call', async () => {
    assert.equal((await take('nowhere')).code, 2)
    await file('1.json', event('a'))
    const { code, stderr } = await desk.run('import', 'history', '--source', 'gone')
    assert.equal(code, 2)
    assert.match(stderr, /the configuration has no source gone/)
  })

  test('says what was new once a loader has landed it', async () => {
    await file('1.json', `${event('a')}\n${event('a')}`)
    const importing = desk.run('import', 'history', '--source', 'trial', '--json')
    let isDone = false
    const done = importing.finally(() => {
      isDone = true
    })
    while (!isDone) await desk.run('loader', '--once')
    const { landed } = JSON.parse((await done).stdout)
    assert.deepEqual(landed, { events: 1, duplicates: 1, deadLetters: 0 })
  })
})

/** Existing history that lies in a bucket, taken in by real processes. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { temporaryFolder } from '../../support/temporary.ts'
import { runInlet } from '../inlet-process.ts'
import { endpoint, newBucket, s3 } from './bucket.ts'

const event = (id: string) => JSON.stringify({ notificationId: id, data: {} })
/** As Firehose leaves what it could not deliver. */
const undelivered = (id: string) => ({
  attemptsMade: 1,
  arrivalTimestamp: 1_767_268_800_000,
  errorCode: 'HttpEndpoint.DestinationException',
  rawData: Buffer.from(event(id)).toString('base64'),
})

suite('history in a bucket', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let backup: string

  before(async () => {
    folder = await temporaryFolder()
    backup = await newBucket()
    const objects: readonly (readonly [string, string | Uint8Array])[] = [
      ['2026/01/a.ndjson', `${event('a')}\n${event('b')}\n`],
      ['2026/01/b.json.gz', gzipSync(`[${event('c')},${event('d')}]`)],
      ['2026/02/failed', `${JSON.stringify(undelivered('e'))}\n`],
      ['2026/020/other.ndjson', event('no')],
      ['2026/öäü und %20.json', event('f')],
    ]
    for (const [Key, Body] of objects) await s3.putObject({ Bucket: backup, Key, Body })
  })
  after(() => folder.dispose())

  async function json(...args: string[]) {
    const how = { cwd: folder.path, expected: [0, 1, 2] }
    const { code, stdout, stderr } = await runInlet([...args, '--json'], how)
    return { code, ...JSON.parse(stdout || stderr) }
  }

  const take = (url: string) => json('import', url, '--source', 'trial', '--no-wait')

  async function counts() {
    assert.equal((await runInlet(['loader', '--once'], { cwd: folder.path })).code, 0)
    const { clean, events, duplicates } = await json('audit')
    return [clean, events, duplicates]
  }

  function lakeAt(lake: string): void {
    const text = `listen: { host: 127.0.0.1, port: 0 }
sources: [{ name: trial, path: /events, auth: none }]
journal: { dir: ./journal-${lake.length}, minFree: 0B, ephemeral: true }
lake: { ${lake}, commitEvery: 100ms }
ops: { port: 0 }
`
    writeFileSync(join(folder.path, 'inlet.yaml'), text)
  }

  test('comes into a lake in another bucket: a prefix, one object, and again', async () => {
    lakeAt(`url: "s3://${await newBucket()}/lake", endpoint: "${endpoint}"`)
    const month = await take(`s3://${backup}/2026/01/`)
    assert.deepEqual([month.code, month.files, month.stored], [0, 2, 4])
    const object = await take(`s3://${backup}/2026/02/failed`)
    assert.deepEqual([object.code, object.files, object.stored], [0, 1, 1])
    assert.deepEqual(await counts(), [true, 5, 0])
    const [row] = Object.values(
      await json(
        'query',
        `SELECT epoch_ms(received_at)::BIGINT AS at, headers FROM bronze.events
        WHERE event_id = 'e'`,
      ),
    ) as { at: number; headers: string }[]
    assert.equal(Number(row?.at), 1_767_268_800_000)
    assert.equal(row?.headers, '{"import-file":"failed"}')
    const all = await take(`s3://${backup}/2026`)
    assert.deepEqual([all.files, all.stored], [5, 7])
    assert.deepEqual(await counts(), [true, 7, 5])
  })

  test('comes into a lake in a folder', async () => {
    // The environment names the server, as it does for every AWS client.
    lakeAt('url: ./lake')
    const { code, stored } = await take(`s3://${backup}/2026/01`)
    assert.deepEqual([code, stored], [0, 4])
    assert.deepEqual(await counts(), [true, 4, 0])
  })

  test('that is not there is told, and nothing is made of it', async () => {
    for (const [path, wanted] of [
      ['nothing/', /there is nothing at s3:\/\/\S+\/nothing\//],
      ['2026/02/fail', /there is nothing at/],
    ] as const) {
      const { code, error } = await take(`s3://${backup}/${path}`)
      assert.equal(code, 2)
      assert.match(error.message, wanted)
    }
    const { code, error } = await take('s3://test-no-such-bucket-anywhere/x')
    assert.equal(code, 1)
    assert.match(error.message, /test-no-such-bucket-anywhere/)
  })
})

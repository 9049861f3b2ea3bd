/**
 * From the door into a bucket, with real processes, while the bucket is slow, fails, lies and falls
 * silent: every event is acknowledged, and each is in the lake once when the bucket is back.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { after, before, suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../../src/core/free-port.ts'
import { seededRandom } from '../../../src/core/random.ts'
import { temporaryFolder } from '../../support/temporary.ts'
import { type InletProcess, runInlet, startInlet } from '../inlet-process.ts'
import { writeOneSource } from '../one-source.ts'
import { newBucket, s3 } from './bucket.ts'
import { type Fault, type FaultyS3, startFaultyS3 } from './faulty-s3.ts'

suite('a lake in a bucket', () => {
  const agent = new Agent({ keepAlive: true })
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let proxy: FaultyS3
  let bucket: string
  let bronze: string
  let port: number
  let inlet: InletProcess
  let sent = 0

  before(async () => {
    folder = await temporaryFolder()
    proxy = await startFaultyS3()
    bucket = await newBucket()
    bronze = await newBucket()
    port = await freePort()
    writeOneSource(
      folder.path,
      port,
      `lake:
  url: s3://${bucket}/lake
  bronzeUrl: s3://${bronze}/lake
  endpoint: ${proxy.url}
  commitEvery: 200ms`,
    )
    inlet = startInlet(['run'], { cwd: folder.path })
    await until(async () => /"role":"run"[^\n]*"process_started"/.test(inlet.stderr()))
  })
  after(async () => {
    proxy.manner(() => 'pass')
    agent.destroy()
    inlet.signal('SIGKILL')
    await inlet.ended
    await proxy.close()
    await folder.dispose()
  })

  async function until(done: () => Promise<boolean>): Promise<void> {
    while (!(await done())) {
      assert.equal(inlet.child.exitCode, null, inlet.stderr())
      await sleep(50)
    }
  }

  const run = (...args: string[]) =>
    runInlet(args, { cwd: folder.path, expected: [0, 1] }).then(({ stdout }) => stdout)
  const json = async (...args: string[]) => JSON.parse(await run(...args, '--json'))

  async function post(events: number): Promise<void> {
    for (let count = 0; count < events; count++) {
      const asked = request({ host: '127.0.0.1', port, path: '/events', method: 'POST', agent })
      asked.end(JSON.stringify({ messageId: `event-${sent++}`, eventType: 'call.event' }))
      const [response] = await once(asked, 'response')
      response.resume()
      await once(response, 'end')
      assert.equal(response.statusCode, 200)
    }
  }

  async function landed(): Promise<void> {
    await until(async () => {
      const { journal, lake } = await json('status')
      return lake.trouble === null && journal.lag === 0
    })
    const audit = await json('audit')
    assert.deepEqual([audit.clean, audit.events, audit.duplicates], [true, sent, 0])
  }

  test('is there for `query`, `audit` and `status`, bronze in a bucket of its own', async () => {
    await post(20)
    await landed()
    const csv = await run('query', '--format', 'csv', 'SELECT count(*) AS n FROM bronze.events')
    assert.equal(csv.trim(), 'n\n20')
    const keysOf = async (Bucket: string) =>
      ((await s3.listObjectsV2({ Bucket })).Contents ?? []).map(({ Key = '' }) => Key)
    const inBronze = await keysOf(bronze)
    assert.ok(inBronze.length > 3)
    assert.ok(inBronze.every((key) => key.startsWith('lake/bronze/')))
    assert.ok((await keysOf(bucket)).every((key) => !key.startsWith('lake/bronze/')))
  })

  test('that fails now and then takes everything once', async () => {
    const random = seededRandom(3)
    const faults: readonly Fault[] = ['mute', 'mute', 500, 503, 'cut']
    proxy.manner(() =>
      random.next() < 0.3 ? (faults[random.below(faults.length)] ?? 'pass') : 'pass',
    )
    const earlier = proxy.faults().length
    const tooFew = () => proxy.faults().length <= earlier + 5
    for (let round = 0; round < 10 || tooFew(); round++) {
      await post(25)
      await sleep(300)
    }
    proxy.manner(() => 'pass')
    await landed()
  })

  for (const fault of ['silent', 503, 403] as const) {
    test(`that is away (${fault}) fills the journal, is told of, and catches up`, async () => {
      proxy.manner(() => fault)
      await post(50)
      const { journal, lake } = await json('status')
      assert.ok(journal.unlanded.events >= 50)
      assert.notEqual(lake.trouble, null)
      await post(50)
      proxy.manner(() => 'pass')
      await landed()
    })
  }

  test('is caught up with by a loader that starts while it is away', async () => {
    proxy.manner(() => 'silent')
    inlet.signal('SIGTERM')
    await sleep(500)
    // A second one does not wait for what cannot be landed.
    inlet.signal('SIGTERM')
    await inlet.ended
    inlet = startInlet(['run'], { cwd: folder.path })
    await until(async () => /"role":"gateway"[^\n]*"process_started"/.test(inlet.stderr()))
    await post(50)
    proxy.manner(() => 'pass')
    await landed()
  })

  test('knows no credential that is told', () => {
    assert.doesNotMatch(inlet.stderr() + inlet.stdout(), /inlet-secret|Signature|Credential/)
  })
})

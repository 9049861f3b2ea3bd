/**
 * Erasure in buckets that keep versions and lock them, with real processes: landing, audit, vacuum,
 * erase. Older versions go, those that are locked are named with the date of their release.
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, suite, test } from 'node:test'
import { freePort } from '../../../src/core/free-port.ts'
import { temporaryFolder } from '../../support/temporary.ts'
import { until } from '../inlet-output.ts'
import { type InletProcess, runInlet, startInlet } from '../inlet-process.ts'
import { writeOneSource } from '../one-source.ts'
import { plantedIn } from '../planted.ts'
import { settled } from '../settled.ts'
import { runIsUp } from '../several-gateways.ts'
import { newBucket, s3 } from './bucket.ts'
import { type ConditionalS3, startConditionalS3 } from './conditional-s3.ts'

const key = 'a-key-that-is-long-enough-to-be-one'
const id = '2f7bf00a-0fc2-4d6a-9b56-92238191433e'
const planted = [id, 'Planted Person']
const call = (name: string) => ({
  messageId: name,
  eventType: 'call.event',
  contact: { id, customerName: 'Planted Person' },
})

suite('erasure in buckets', () => {
  let proxy: ConditionalS3
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let port: number
  let inlet: InletProcess

  before(async () => {
    proxy = await startConditionalS3()
  })
  after(async () => {
    await proxy.close()
  })
  afterEach(async () => {
    inlet.signal('SIGKILL')
    await inlet.ended
    await folder.dispose()
  })

  const options = () => ({ cwd: folder.path, env: { INLET_PRIVACY_KEY: key }, expected: [0, 1] })

  async function begin(lake: { url: string; bronzeUrl: string }): Promise<void> {
    folder = await temporaryFolder()
    port = await freePort()
    writeOneSource(
      folder.path,
      port,
      `lake:
  url: ${lake.url}
  bronzeUrl: ${lake.bronzeUrl}
  endpoint: ${proxy.url}
  commitEvery: 200ms
  silverEvery: 1s
  goldEvery: 1s
privacy: { key: { env: INLET_PRIVACY_KEY }, country: US }`,
    )
    inlet = startInlet(['run'], options())
    await until(inlet, runIsUp)
    for (const body of [call('one'), call('two'), { messageId: 'three', eventType: 'call.event' }])
      await post(body)
  }

  async function post(body: object): Promise<void> {
    const url = `http://127.0.0.1:${port}/events`
    const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) })
    assert.equal(answer.status, 200, await answer.text())
    await settled(options())
  }

  async function run(...args: string[]) {
    const { stdout, stderr, code } = await runInlet([...args, '--json'], options())
    assert.notEqual(stdout, '', stderr)
    return { ...JSON.parse(stdout), code }
  }

  /** All versions of all objects, as files. */
  async function download(Bucket: string): Promise<string> {
    const target = await temporaryFolder()
    const { Versions = [], DeleteMarkers = [] } = await s3.listObjectVersions({ Bucket })
    const markers = DeleteMarkers.filter(({ Key = '' }) => !Key.includes('_inlet_probe'))
    assert.deepEqual(markers, [])
    for (const [at, { Key = '', VersionId }] of Versions.entries()) {
      const { Body } = await s3.getObject({ Bucket, Key, VersionId })
      const name = `${at}-${Key.replaceAll('/', '-')}`
      writeFileSync(join(target.path, name), (await Body?.transformToByteArray()) ?? '')
    }
    return target.path
  }

  test('leaves no version behind where they are only kept', async () => {
    const [url, bronze] = [await newBucket(), await newBucket()]
    for (const Bucket of [url, bronze])
      await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Enabled' } })
    await begin({ url: `s3://${url}/lake`, bronzeUrl: `s3://${bronze}/lake` })
    await run('compact')
    const erased = await run('erase', '--contact', id)
    assert.deepEqual([erased.code, erased.kept, erased.arrivals.rows], [0, [], 2])
    for (const bucket of [url, bronze])
      assert.deepEqual(await plantedIn(await download(bucket), planted), [])
    assert.deepEqual(await plantedIn(folder.path, planted), [])
    const { clean, erased: rows, events } = await run('audit')
    assert.deepEqual([clean, rows, events], [true, 2, 3])
  })

  test('names what is locked, with the date of its release', async () => {
    const [url, bronze] = [await newBucket(), await newBucket({ locked: true })]
    const Rule = { DefaultRetention: { Mode: 'COMPLIANCE', Days: 1 } } as const
    const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled', Rule } as const
    await s3.putObjectLockConfiguration({ Bucket: bronze, ObjectLockConfiguration })
    await begin({ url: `s3://${url}/lake`, bronzeUrl: `s3://${bronze}/lake` })
    assert.equal((await run('audit')).clean, true)
    assert.equal((await run('vacuum')).code, 0)
    const erased = await run('erase', '--contact', id)
    assert.deepEqual([erased.code, erased.arrivals.rows], [1, 2])
    assert.ok(erased.kept.length > 0)
    for (const { key: name, version, until: release, reason } of erased.kept) {
      assert.match(name, /^bronze\/arrivals\//)
      assert.notEqual(version, null)
      assert.equal(reason, 'locked (COMPLIANCE)')
      const days = (Date.parse(release) - Date.now()) / 86_400_000
      assert.ok(days > 0.9 && days < 1.1, release)
    }
    assert.deepEqual(await plantedIn(await download(url), planted), [])
    assert.deepEqual(await plantedIn(folder.path, planted), [])
    const again = await run('erase', '--contact', id)
    assert.deepEqual([again.code, again.arrivals.rows], [1, 0])
    const { code, tables } = await run('vacuum', '--table', 'bronze.arrivals')
    const keysOf = (kept: readonly { key: string; version: string }[]) =>
      new Set(kept.map(({ key: name, version }) => `${name} ${version}`))
    assert.equal(code, 0)
    assert.ok(keysOf(tables[0].locked).isSupersetOf(keysOf(erased.kept)))
    for (const { until: release } of tables[0].locked)
      assert.ok(Math.abs(Date.parse(release) - Date.now() - 86_400_000) < 8_640_000, release)
    const { stdout } = await runInlet(['vacuum'], options())
    assert.match(stdout, /still there until 20\S+Z: bronze\/arrivals\/\S+, version \S+: locked/)
    await post(call('four'))
    const { clean, erased: rows, events } = await run('audit')
    assert.deepEqual([clean, rows, events], [true, 3, 4])
  })

  test('names what is under a legal hold', async () => {
    const [url, bronze] = [await newBucket(), await newBucket({ locked: true })]
    await begin({ url: `s3://${url}/lake`, bronzeUrl: `s3://${bronze}/lake` })
    const { Contents = [] } = await s3.listObjectsV2({ Bucket: bronze })
    for (const { Key } of Contents.filter(({ Key: name }) => name?.endsWith('.parquet')))
      await s3.putObjectLegalHold({ Bucket: bronze, Key, LegalHold: { Status: 'ON' } })
    const erased = await run('erase', '--contact', id)
    assert.equal(erased.code, 1)
    assert.match(erased.kept[0]?.reason ?? '', /legal hold/)
    assert.equal(erased.kept[0]?.until, null)
  })
})

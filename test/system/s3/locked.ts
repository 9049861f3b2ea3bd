/** Buckets that lock, keep versions or refuse removals: what is told of them, and what goes on. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { lookAtBucket } from '../../../src/app/bucket-facts.ts'
import { bucketHabits } from '../../../src/app/doctor/lake-checks.ts'
import { cleanLog, logRetentionMs } from '../../../src/lake/delta/clean-log.ts'
import { temporaryFolder } from '../../support/temporary.ts'
import { runInlet } from '../inlet-process.ts'
import { writeOneSource } from '../one-source.ts'
import { endpoint, newBucket, openTestStore, s3 } from './bucket.ts'

const bytes = (text: string) => Buffer.from(text)

async function refuseRemovals(Bucket: string): Promise<void> {
  const Resource = `arn:aws:s3:::${Bucket}/*`
  const rule = { Effect: 'Deny', Principal: '*', Action: 's3:DeleteObject', Resource }
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [rule] })
  await s3.putBucketPolicy({ Bucket, Policy })
}

async function lockByDefault(Bucket: string): Promise<void> {
  const DefaultRetention = { Mode: 'GOVERNANCE', Days: 3 } as const
  const ObjectLockConfiguration = {
    ObjectLockEnabled: 'Enabled',
    Rule: { DefaultRetention },
  } as const
  await s3.putObjectLockConfiguration({ Bucket, ObjectLockConfiguration })
}

suite('a bucket that holds on to objects', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  before(async () => {
    folder = await temporaryFolder()
  })
  after(() => folder.dispose())

  async function findings(lake: string): Promise<Map<string, { level: string; detail: string }>> {
    writeOneSource(folder.path, 0, `lake: { ${lake}, endpoint: "${endpoint}" }`)
    const how = { cwd: folder.path, expected: [0, 1] }
    const { stdout } = await runInlet(['doctor', '--json'], how)
    const { findings: found } = JSON.parse(stdout)
    return new Map(found.map((one: { name: string }) => [one.name, one]))
  }

  test('by a policy keeps it, and log clean-up tells how many and goes on', async () => {
    const opened = await openTestStore({})
    const { store, bucket } = opened
    const key = (name: string) => `t/_delta_log/${name.padStart(20, '0')}`
    for (const name of ['0.json', '1.json', '2.json', '2.checkpoint.parquet'])
      await store.put(`t/_delta_log/${name.padStart(20 + name.length - 1, '0')}`, bytes('{}'))
    await store.put('t/_delta_log/_last_checkpoint', bytes('{"version":2,"size":1}'))
    await refuseRemovals(bucket)
    await assert.rejects(store.remove(key('0.json')), { code: 'INL_LAK_REMOVE_REFUSED' })
    const later = Date.now() + 2 * logRetentionMs
    assert.deepEqual(await cleanLog(store, 't', later), { removed: 0, refused: 2 })
    await opened.dispose()
  })

  test('is looked at: it locks, keeps versions, or does neither', async () => {
    const [plain, locked, versioned] = [
      await newBucket(),
      await newBucket({ locked: true }),
      await newBucket(),
    ]
    await lockByDefault(locked)
    const VersioningConfiguration = { Status: 'Enabled' } as const
    await s3.putBucketVersioning({ Bucket: versioned, VersioningConfiguration })
    const textOf = async (bucket: string) =>
      bucketHabits(await lookAtBucket(s3, bucket)).map(({ level, detail }) => `${level}: ${detail}`)
    assert.deepEqual(await textOf(plain), ['ok: keeps no versions and locks nothing'])
    assert.deepEqual(await textOf(locked), ['warn: locks what is written (GOVERNANCE for 3 days)'])
    assert.match((await textOf(versioned)).join(), /^warn: keeps older versions/)
    assert.match((await textOf('no-such-bucket')).join(), /^ok: may not be asked/)
  })

  // This server forgets If-None-Match where a bucket keeps versions, as Amazon's does not.
  test('is refused where it lets two writers win, also as the bucket of bronze alone', async () => {
    const [plain, locked] = [await newBucket(), await newBucket({ locked: true })]
    const sound = await findings(`url: s3://${plain}/lake`)
    assert.equal(sound.get('lake')?.level, 'ok')
    assert.equal(sound.get(`bucket ${plain}`)?.level, 'ok')
    const unsafe = await findings(`url: s3://${plain}/lake, bronzeUrl: s3://${locked}/lake`)
    assert.equal(unsafe.get('lake')?.level, 'fail')
    assert.match(unsafe.get('lake')?.detail ?? '', new RegExp(`${locked}.*two writers`))
  })

  test('must be there to be looked at', async () => {
    const missing = await findings('url: s3://no-such-bucket')
    assert.equal(missing.get('lake')?.level, 'fail')
    assert.match(missing.get('lake')?.detail ?? '', /NoSuchBucket/)
  })
})

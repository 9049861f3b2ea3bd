/** The store of S3 against a real server: the contract of every store, and what S3 adds to it. */
import assert from 'node:assert/strict'
import { access, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { patient } from '../../../src/app/s3-client.ts'
import { systemRandom } from '../../../src/core/random.ts'
import { partBytes } from '../../../src/lake/store/s3-upload.ts'
import { objectStoreContract } from '../../contract/object-store.ts'
import { newBucket, openTestStore, s3, type TestStore } from './bucket.ts'
import { type FaultyS3, startFaultyS3 } from './faulty-s3.ts'

objectStoreContract('the S3 store', () => openTestStore())
objectStoreContract('the S3 store below a prefix', () => openTestStore({ prefix: 'a/lake/' }))

const bytes = (text: string) => Buffer.from(text)
const unique = (folder: string) => `${folder}/${systemRandom.uuid()}.parquet`

async function withStore(
  how: Parameters<typeof openTestStore>[0],
  run: (opened: TestStore) => Promise<void>,
): Promise<void> {
  const opened = await openTestStore(how)
  try {
    await run(opened)
  } finally {
    await opened.dispose()
  }
}

async function localFile({ scratch }: TestStore, content: Uint8Array): Promise<string> {
  const path = join(scratch, systemRandom.uuid())
  await writeFile(path, content)
  return path
}

suite('a bucket', () => {
  test('takes a large file in parts and gives it back as it was', () =>
    withStore({}, async (opened) => {
      const content = Buffer.from(systemRandom.bytes(2 * partBytes + 5))
      const key = unique('t')
      await opened.store.publish(await localFile(opened, content), key)
      const { ETag } = await s3.headObject({ Bucket: opened.bucket, Key: key })
      assert.match(ETag ?? '', /-3"$/, 'it was put in three parts')
      await opened.cache.forget(opened.bucket, key)
      assert.ok(content.equals(await readFile(await opened.store.localPath(key))))
      const lost = { code: 'INL_LAK_FILE', message: /s3:.*: it is missing/s }
      await assert.rejects(opened.store.localPath(unique('lost')), lost)
    }))

  test('lists more objects than one answer names, each once and in order', () =>
    withStore({}, async ({ store }) => {
      const keys = Array.from({ length: 1100 }, (_, at) => `t/${String(at).padStart(5, '0')}`)
      for (let at = 0; at < keys.length; at += 50)
        await Promise.all(keys.slice(at, at + 50).map((key) => store.put(key, bytes('x'))))
      const found = (await store.list('t/')).map(({ key }) => key)
      assert.deepEqual(found, keys)
      const rest = (await store.list('t/', keys[1049])).map(({ key }) => key)
      assert.deepEqual(rest, keys.slice(1050))
    }))

  test('keeps keys with percent signs, as partitions have them, as they are', () =>
    withStore({}, async (opened) => {
      const key = unique('t/type=a%2Fb%20c/date=2026-01-01')
      await opened.store.publish(await localFile(opened, bytes('x')), key)
      assert.deepEqual(
        (await opened.store.list('t/')).map((one) => one.key),
        [key],
      )
      assert.equal((await opened.store.get(key))?.toString(), 'x')
    }))

  test('is told to encrypt, by every way that an object comes', () =>
    withStore({ encryption: { kind: 'aws:kms', keyId: 'testkey-1' } }, async (opened) => {
      const { store, bucket: Bucket } = opened
      const large = Buffer.alloc(partBytes + 1)
      await store.publish(await localFile(opened, large), 't/large')
      await store.publish(await localFile(opened, bytes('x')), 't/small')
      await store.putIfAbsent('t/absent', bytes('x'))
      await store.put('t/hint', bytes('x'))
      for (const Key of ['t/large', 't/small', 't/absent', 't/hint']) {
        const { ServerSideEncryption, SSEKMSKeyId } = await s3.headObject({ Bucket, Key })
        assert.deepEqual([ServerSideEncryption, SSEKMSKeyId], ['aws:kms', 'testkey-1'], Key)
      }
    }))

  test('with versions reads and lists the newest, and nothing that was removed', () =>
    withStore({}, async ({ store, bucket: Bucket }) => {
      const VersioningConfiguration = { Status: 'Enabled' } as const
      await s3.putBucketVersioning({ Bucket, VersioningConfiguration })
      await store.put('t/hint', bytes('old'))
      await store.put('t/hint', bytes('new'))
      await store.putIfAbsent('t/gone', bytes('x'))
      await store.remove('t/gone')
      assert.equal((await store.get('t/hint'))?.toString(), 'new')
      assert.equal(await store.get('t/gone'), null)
      assert.deepEqual(
        (await store.list('t/')).map(({ key }) => key),
        ['t/hint'],
      )
      assert.equal(await store.putIfAbsent('t/gone', bytes('again')), true)
    }))

  test('loses uploads that broke off before a time, and keeps later ones', () =>
    withStore({ prefix: 'lake/' }, async ({ store, bucket: Bucket }) => {
      await s3.createMultipartUpload({ Bucket, Key: 'lake/t/a.parquet' })
      await s3.createMultipartUpload({ Bucket, Key: 'other/a.parquet' })
      assert.equal(await store.removeUnfinished('t/', Date.UTC(2020, 0, 1)), 0)
      assert.equal(await store.removeUnfinished('t/', Date.UTC(2100, 0, 1)), 1)
      const { Uploads = [] } = await s3.listMultipartUploads({ Bucket })
      assert.deepEqual(
        Uploads.map(({ Key }) => Key),
        ['other/a.parquet'],
      )
    }))

  test('that is not there is an error that names it, and never an empty lake', () =>
    withStore({ bucket: 'no-such-bucket' }, async ({ store }) => {
      const isTold = { code: 'INL_LAK_STORE', message: /s3:\/\/no-such-bucket.*NoSuchBucket/ }
      await assert.rejects(store.get('t/a'), isTold)
      await assert.rejects(store.list('t/'), isTold)
      await assert.rejects(store.putIfAbsent('t/a', bytes('x')), isTold)
    }))
})

suite('a bucket that fails', () => {
  let proxy: FaultyS3
  const withFaults = async (
    manner: Parameters<FaultyS3['manner']>[0],
    run: (opened: TestStore) => Promise<void>,
  ) => {
    proxy = await startFaultyS3()
    proxy.manner(manner)
    await withStore({ url: proxy.url, bucket: await newBucket() }, run)
    await proxy.close()
  }
  after(() => proxy.close())

  for (const fault of ['mute', 500, 503] as const) {
    test(`(${fault}) once is asked again, and no winner takes itself for a loser`, () =>
      withFaults(
        (asked) => (asked.before === 0 ? fault : 'pass'),
        async (opened) => {
          const { store } = opened
          assert.equal(await store.putIfAbsent('t/1', bytes('mine')), true)
          assert.equal(await store.putIfAbsent('t/1', bytes('another')), false)
          await store.put('t/hint', bytes('x'))
          const key = unique('t')
          await store.publish(await localFile(opened, bytes('file')), key)
          assert.equal((await store.get(key))?.toString(), 'file')
          assert.equal((await store.list('t/')).length, 3)
          await store.remove(key)
          assert.ok(proxy.faults().length > 5)
        },
      ))
  }

  test('after it did what it does not answer, every time, is believed by what is there', () =>
    withFaults(
      ({ method }) => (method === 'PUT' ? 'mute' : 'pass'),
      async (opened) => {
        assert.equal(await opened.store.putIfAbsent('t/1', bytes('mine')), true)
        const key = unique('t')
        await opened.store.publish(await localFile(opened, bytes('file')), key)
        assert.equal((await opened.store.get(key))?.toString(), 'file')
      },
    ))

  test('while a large file goes up leaves no part of it behind', () =>
    withFaults(
      ({ path }) => (path.includes('partNumber=2') ? 500 : 'pass'),
      async (opened) => {
        const local = await localFile(opened, Buffer.alloc(3 * partBytes))
        await assert.rejects(opened.store.publish(local, unique('t')), { code: 'INL_LAK_STORE' })
        await access(local)
        const { Uploads = [] } = await s3.listMultipartUploads({ Bucket: opened.bucket })
        assert.deepEqual(Uploads, [])
        assert.deepEqual(await opened.store.list(''), [])
      },
    ))

  test('in the middle of an answer is asked again, and nothing partial is read', () =>
    withFaults(
      ({ method, before }) => (method === 'GET' && before === 0 ? 'cut' : 'pass'),
      async ({ store }) => {
        const content = systemRandom.bytes(100_000)
        const [one, other] = [unique('t'), unique('t')]
        await store.put(one, content)
        await store.put(other, content)
        assert.ok((await store.get(one))?.equals(content))
        assert.ok((await readFile(await store.localPath(other))).equals(content))
      },
    ))

  test('for good is an error that says so, and holds no credential', () =>
    withFaults(
      () => 403,
      async ({ store }) => {
        const error = await store.get('t/a').catch((caught: unknown) => caught)
        assert.ok(error instanceof Error)
        assert.match(error.message, /AccessDenied \(403\)/)
        const { stack, cause } = error
        assert.doesNotMatch(`${stack} ${String(cause)} ${JSON.stringify(error)}`, /inlet-secret/)
        await assert.rejects(store.remove('t/a'), { code: 'INL_LAK_REMOVE_REFUSED' })
      },
    ))
})

suite('the cache of a bucket', () => {
  const size = 1000
  const fill = async (opened: TestStore, count: number) => {
    const keys = Array.from({ length: count }, () => unique('t'))
    for (const key of keys) await opened.store.put(key, systemRandom.bytes(size))
    return keys
  }
  const read = async ({ store }: TestStore, key: string) => {
    const lease = store.lease()
    await lease.bring([key])
    lease.release()
  }
  const kept = async ({ scratch }: TestStore) => {
    const found = await readdir(join(scratch, 'objects'), { recursive: true })
    return found.filter((name) => name.endsWith('.parquet'))
  }

  test('holds no more than its size, and what was read last', () =>
    withStore({ cacheBytes: 3 * size }, async (opened) => {
      const keys = await fill(opened, 5)
      for (const key of keys) await read(opened, key)
      const found = await kept(opened)
      assert.equal(found.length, 3)
      for (const key of keys.slice(2)) assert.ok(found.some((path) => path.endsWith(key)))
    }))

  test('never takes a file from under its reader, whatever its size', () =>
    withStore({ cacheBytes: 2 * size }, async (opened) => {
      const keys = await fill(opened, 6)
      const reader = opened.store.lease()
      const paths = await reader.bring(keys.slice(0, 4))
      for (const key of keys.slice(4)) await read(opened, key)
      for (const path of paths) assert.equal((await readFile(path)).length, size)
      reader.release()
      await read(opened, keys[5] ?? '')
      assert.ok((await kept(opened)).length <= 2)
    }))

  test('is shared by processes: what one fetched the other does not fetch again', async () => {
    const proxy = await startFaultyS3()
    await withStore({ url: proxy.url }, async (opened) => {
      const [key = ''] = await fill(opened, 1)
      await read(opened, key)
      const { bucket, scratch: folder } = opened
      const requests = proxy.requests()
      await withStore({ url: proxy.url, bucket, folder }, (other) => read(other, key))
      assert.equal(proxy.requests(), requests)
    })
    await proxy.close()
  })

  test('keeps what was published, so that it need not be fetched', () =>
    withStore({}, async (opened) => {
      const key = unique('t')
      await opened.store.publish(await localFile(opened, bytes('file')), key)
      await s3.deleteObject({ Bucket: opened.bucket, Key: key })
      assert.equal(await readFile(await opened.store.localPath(key), 'utf8'), 'file')
    }))
})

test('every request has an end', async () => {
  const proxy = await startFaultyS3()
  proxy.manner(() => 'silent')
  const quick = { ...patient, answerMs: 300 }
  await withStore({ url: proxy.url, bucket: 'b', patience: quick }, async ({ store }) => {
    const isTold = { code: 'INL_LAK_STORE', message: /it did not answer in time/ }
    await assert.rejects(store.get('t/a'), isTold)
    await assert.rejects(store.list('t/'), isTold)
    await assert.rejects(store.putIfAbsent('t/a', bytes('x')), isTold)
  })
  await proxy.close()
})

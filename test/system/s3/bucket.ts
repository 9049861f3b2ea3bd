/** Buckets of the real server that ../s3.sh starts, and stores in them. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { env } from 'node:process'
import { S3 } from '@aws-sdk/client-s3'
import { openS3Client, type Patience, patient } from '../../../src/app/s3-client.ts'
import { systemClock } from '../../../src/core/clock.ts'
import { sqliteLocks } from '../../../src/core/lock.ts'
import { nodeFiles } from '../../../src/core/node-files.ts'
import { systemRandom } from '../../../src/core/random.ts'
import { type LocalCache, openLocalCache } from '../../../src/lake/store/local-cache.ts'
import type { ObjectStore } from '../../../src/lake/store/object-store.ts'
import { openS3Store, type S3StoreOptions } from '../../../src/lake/store/s3-store.ts'
import { temporaryFolder } from '../../support/temporary.ts'

export const endpoint = env['AWS_ENDPOINT_URL'] ?? ''
assert.notEqual(endpoint, '', 'run it by test/system/s3.sh')

/** The server itself, past every proxy and every store. */
export const s3 = new S3({ endpoint, forcePathStyle: true })

export async function newBucket(options: { locked?: boolean } = {}): Promise<string> {
  const Bucket = `test-${systemRandom.uuid()}`
  await s3.createBucket({ Bucket, ObjectLockEnabledForBucket: options.locked === true })
  return Bucket
}

export interface TestStore {
  readonly store: ObjectStore
  readonly cache: LocalCache
  readonly bucket: string
  /** On the file system of the cache. */
  readonly scratch: string
  dispose(): Promise<void>
}

export async function openTestStore(
  how: Partial<S3StoreOptions> & {
    url?: string
    cacheBytes?: number
    folder?: string
    patience?: Patience
  } = {},
): Promise<TestStore> {
  const folder = how.folder === undefined ? await temporaryFolder() : null
  const path = how.folder ?? folder?.path ?? ''
  const deps = { files: nodeFiles, clock: systemClock, random: systemRandom, locks: sqliteLocks }
  const maxBytes = how.cacheBytes ?? 2 ** 30
  const cache = await openLocalCache(deps, { folder: path, maxBytes, minFree: 0 })
  const client = await openS3Client({
    endpoint: how.url ?? endpoint,
    patience: how.patience ?? patient,
  })
  const bucket = how.bucket ?? (await newBucket())
  const options = { prefix: '', cacheName: bucket, encryption: null, ...how, bucket }
  return {
    store: openS3Store({ ...deps, client, cache }, options),
    cache,
    bucket,
    scratch: join(path),
    async dispose() {
      cache.close()
      client.destroy()
      await folder?.dispose()
    },
  }
}

/**
 * The store of a configuration's lake: a folder, a bucket, or both where bronze has a bucket of
 * its own.
 */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { InletError } from '../core/errors.ts'
import { openFolderStore, scratchFolder } from '../lake/store/folder-store.ts'
import { type LocalCache, openLocalCache } from '../lake/store/local-cache.ts'
import type { ObjectStore } from '../lake/store/object-store.ts'
import { routedStore } from '../lake/store/routed-store.ts'
import type { Encryption } from '../lake/store/s3-store.ts'
import { arrivals } from '../tables/arrivals.ts'
import type { BucketFacts } from './bucket-facts.ts'
import type { Config } from './config/schema.ts'
import { isBucket } from './config/storage.ts'
import type { Machine } from './machine.ts'
import { openS3Client, type Patience, patient } from './s3-client.ts'

/** A lake of a configuration, or a folder alone. */
export type LakePlace = Pick<Config, 'lake' | 'journal'> | string

export interface OpenStore {
  readonly store: ObjectStore
  /** Where files for it are written. */
  readonly scratch: string
  /** What the buckets do by themselves; none for a folder. */
  buckets(): Promise<BucketFacts[]>
  close(): void
}

export interface StoreOptions {
  readonly patience?: Patience
  /** Looking at a lake must not make one: rejects with INL_LAK_TABLE_MISSING for no folder. */
  readonly mustExist?: boolean
}

export async function openLakeStore(
  machine: Machine,
  place: LakePlace,
  options: StoreOptions = {},
): Promise<OpenStore> {
  if (typeof place === 'string') return openFolder(machine, place, options)
  const { url, bronzeUrl } = place.lake
  if (!isBucket(url) && bronzeUrl === undefined) return openFolder(machine, url, options)
  const cache = await openCache(machine, place)
  const scratch = join(place.lake.cacheDir, 'scratch')
  try {
    await machine.files.makeFolder(scratch)
    const open = await bucketOpener({ machine, place, cache }, options.patience ?? patient)
    const folder = isBucket(url) ? null : await openFolder(machine, url, options)
    const main = folder?.store ?? open.store(url)
    const bronze = bronzeUrl === undefined ? null : open.store(bronzeUrl)
    return {
      store: bronze === null ? main : routedStore(main, { prefix: 'bronze/', store: bronze }),
      scratch: folder?.scratch ?? scratch,
      buckets: () => Promise.all(open.buckets.map((bucket) => open.look(bucket))),
      close() {
        cache.close()
        open.close()
      },
    }
  } catch (error) {
    cache.close()
    throw error
  }
}

async function openFolder(
  machine: Machine,
  root: string,
  { mustExist = false }: StoreOptions,
): Promise<OpenStore> {
  if (mustExist && (await machine.files.stat(root)) === null) {
    const details = { table: arrivals.name, store: `folder ${root}` }
    throw new InletError('INL_LAK_TABLE_MISSING', details)
  }
  const store = await openFolderStore(machine, { root })
  return { store, scratch: scratchFolder(root), buckets: async () => [], close() {} }
}

function openCache(machine: Machine, place: Exclude<LakePlace, string>): Promise<LocalCache> {
  const { cacheDir: folder, cacheBytes: maxBytes } = place.lake
  return openLocalCache(machine, { folder, maxBytes, minFree: place.journal.minFree })
}

async function bucketOpener(
  from: { machine: Machine; place: Exclude<LakePlace, string>; cache: LocalCache },
  patience: Patience,
) {
  const { machine, place, cache } = from
  const { endpoint, region, sse } = place.lake
  const { openS3Store } = await import('../lake/store/s3-store.ts')
  const { lookAtBucket } = await import('./bucket-facts.ts')
  const client = await openS3Client({ endpoint, region, patience })
  const buckets: string[] = []
  return {
    buckets,
    look: (bucket: string) => lookAtBucket(client, bucket),
    store(url: string): ObjectStore {
      const at = bucketAt(url)
      buckets.push(at.bucket)
      const cacheName = createHash('sha256')
        .update(`${endpoint ?? ''} ${url}`)
        .digest('hex')
        .slice(0, 16)
      const encryption = encryptionOf(sse)
      return openS3Store({ ...machine, client, cache }, { ...at, cacheName, encryption })
    },
    close: () => client.destroy(),
  }
}

/** Of `s3://bucket/prefix`, the prefix with its slash. */
export function bucketAt(url: string): { bucket: string; prefix: string } {
  const [bucket = '', ...parts] = url.slice('s3://'.length).replace(/\/$/, '').split('/')
  return { bucket, prefix: parts.map((part) => `${part}/`).join('') }
}

function encryptionOf(sse: Config['lake']['sse']): Encryption | null {
  if (sse === undefined) return null
  if (sse === 'AES256') return { kind: sse }
  return { kind: 'aws:kms', keyId: sse === 'aws:kms' ? null : sse.kmsKeyId }
}

/**
 * The lake in a bucket of Amazon S3, or of any server that speaks its protocol.
 *
 * What resolves is durable and visible to all: S3 is strongly consistent. "Create if absent" is a
 * conditional put (`If-None-Match: *`), of which any answer may be lost: after one that tells
 * nothing, and after a refusal, the object itself tells whose it is. Every request is tried again a
 * few times with growing pauses, and none waits for ever; what still fails rejects with
 * INL_LAK_STORE, and may be tried again as it is. Objects are read through a local cache.
 *
 * Limits: `get` and `list` hold what they find in memory. Keys are ASCII. The credentials need
 * s3:GetObject, PutObject, DeleteObject, AbortMultipartUpload, ListBucket (without which a missing
 * object reads as a refusal) and ListBucketMultipartUploads. In a bucket with versions, what is
 * removed or replaced stays there as an older version until a lifecycle rule ends it, or an erasure
 * (./s3-versions.ts).
 */
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { type Backoff, backoffDelay } from '../../core/backoff.ts'
import type { Clock } from '../../core/clock.ts'
import { InletError } from '../../core/errors.ts'
import type { Files } from '../../core/files.ts'
import type { Random } from '../../core/random.ts'
import { openSlots } from '../../core/slots.ts'
import type { LocalCache, MakeRoom } from './local-cache.ts'
import {
  checkKey,
  type KeptObject,
  type Lease,
  type ObjectStore,
  type StoredObject,
} from './object-store.ts'
import { failureOf, failureText } from './s3-errors.ts'
import { upload } from './s3-upload.ts'
import { lockedVersions, removeOldVersions } from './s3-versions.ts'

export interface S3StoreDeps {
  readonly client: S3Client
  readonly cache: LocalCache
  readonly files: Files
  readonly clock: Clock
  readonly random: Random
}

export interface S3StoreOptions {
  readonly bucket: string
  /** What every key begins with: empty, or ending in `/`. */
  readonly prefix: string
  /** What its objects are filed under in the cache: one name for one bucket and prefix. */
  readonly cacheName: string
  readonly encryption: Encryption | null
}

export type Encryption =
  | { readonly kind: 'AES256' }
  /** Null for the key that S3 keeps for the account. */
  | { readonly kind: 'aws:kms'; readonly keyId: string | null }

const backoff: Backoff = { baseMs: 100, maxMs: 2000 }
/** Of what the client itself does not try again: a conflict, and a body that breaks off. */
const mostTries = 3
/** Each may hold three parts in memory. */
const uploadsAtOnce = 3

export function openS3Store(deps: S3StoreDeps, options: S3StoreOptions): ObjectStore {
  return new S3Store(deps, options)
}

class S3Store implements ObjectStore {
  readonly description: string
  readonly #deps: S3StoreDeps
  readonly #options: S3StoreOptions
  readonly #uploads = openSlots(uploadsAtOnce)
  #lasting: Lease | null = null

  constructor(deps: S3StoreDeps, options: S3StoreOptions) {
    this.#deps = deps
    this.#options = options
    this.description = `s3://${options.bucket}/${options.prefix}`.replace(/\/$/, '')
  }

  async publish(localPath: string, key: string): Promise<void> {
    const target = { ...this.#at(key), ...this.#encryption() }
    await this.#uploads(() =>
      upload(this.#deps, localPath, target).catch((error: unknown) => {
        throw error instanceof InletError ? error : this.#failed(error)
      }),
    )
    await this.#deps.cache.keep(this.#options.cacheName, key, localPath)
  }

  async putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean> {
    const { client, clock, random } = this.#deps
    const request = { ...this.#at(key), ...this.#encryption(), Body: bytes, IfNoneMatch: '*' }
    for (let tries = 1; ; tries++) {
      try {
        await client.send(new PutObjectCommand(request))
        return true
      } catch (error) {
        const failure = failureOf(error)
        if (failure === 'refused' || failure === 'missing') throw this.#failed(error)
        if (failure !== 'conflict') {
          const found = await this.get(key)
          if (found !== null) return found.equals(bytes)
        }
        if (failure === 'unknown' || tries >= mostTries) throw this.#failed(error)
      }
      await clock.sleep(backoffDelay(backoff, tries, random))
    }
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const request = { ...this.#at(key), ...this.#encryption(), Body: bytes }
    await this.#send(() => this.#deps.client.send(new PutObjectCommand(request)))
    await this.#deps.cache.forget(this.#options.cacheName, key)
  }

  get(key: string): Promise<Buffer | null> {
    const request = this.#at(key)
    return this.#send(async () => {
      try {
        const { Body, ContentLength } = await this.#deps.client.send(new GetObjectCommand(request))
        const bytes = Buffer.from((await Body?.transformToByteArray()) ?? [])
        checkLength(bytes.length, ContentLength)
        return bytes
      } catch (error) {
        if (failureOf(error) === 'missing') return null
        throw error
      }
    })
  }

  async list(prefix: string, startAfter = ''): Promise<StoredObject[]> {
    const { client } = this.#deps
    const { bucket, prefix: root } = this.#options
    const found: StoredObject[] = []
    let token: string | undefined
    do {
      const request = new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: root + prefix,
        ...(startAfter !== '' && { StartAfter: root + startAfter }),
        ...(token !== undefined && { ContinuationToken: token }),
      })
      const page = await this.#send(() => client.send(request))
      for (const { Key = '', Size = 0, LastModified } of page.Contents ?? []) {
        const modifiedAt = (LastModified?.getTime() ?? 0) - client.config.systemClockOffset
        found.push({ key: Key.slice(root.length), size: Size, modifiedAt })
      }
      token = page.NextContinuationToken
    } while (token !== undefined)
    return found.sort((a, b) => (a.key < b.key ? -1 : 1))
  }

  async remove(key: string): Promise<void> {
    const { client, cache } = this.#deps
    const request = new DeleteObjectCommand(this.#at(key))
    await this.#tried(() => client.send(request)).catch((error: unknown) => {
      const failure = failureOf(error)
      if (failure === 'missing') return
      if (failure !== 'refused') throw this.#failed(error)
      const { description: store } = this
      const details = { store, key, reason: failureText(error) }
      throw new InletError('INL_LAK_REMOVE_REFUSED', details)
    })
    await cache.forget(this.#options.cacheName, key)
  }

  lease(): Lease {
    return this.#deps.cache.lease(this.#options.cacheName, {
      fetch: (key, path, makeRoom) => this.#download(key, path, makeRoom),
    })
  }

  async localPath(key: string): Promise<string> {
    this.#lasting ??= this.lease()
    const [path = ''] = await this.#lasting.bring([key])
    return path
  }

  removeOldVersions(prefix: string): Promise<KeptObject[]> {
    return this.#versions(prefix, removeOldVersions)
  }

  lockedVersions(prefix: string): Promise<KeptObject[]> {
    return this.#versions(prefix, lockedVersions)
  }

  async #versions(prefix: string, look: typeof lockedVersions): Promise<KeptObject[]> {
    const { bucket, prefix: root } = this.#options
    const at = { client: this.#deps.client, bucket, prefix: root + prefix }
    const kept = await this.#send(() => look(at))
    return kept.map((one) => ({ ...one, key: one.key.slice(root.length) }))
  }

  async removeUnfinished(prefix: string, time: number): Promise<number> {
    const { client } = this.#deps
    const { bucket: Bucket, prefix: root } = this.#options
    const latest = time + client.config.systemClockOffset
    const list = new ListMultipartUploadsCommand({ Bucket, Prefix: root + prefix })
    const { Uploads = [] } = await this.#send(() => client.send(list))
    const old = Uploads.filter(({ Initiated }) => (Initiated?.getTime() ?? latest) < latest)
    for (const { Key, UploadId } of old) {
      const abort = new AbortMultipartUploadCommand({ Bucket, Key, UploadId })
      await this.#send(() => client.send(abort))
    }
    return old.length
  }

  #download(key: string, path: string, makeRoom: MakeRoom): Promise<void> {
    const { client, files } = this.#deps
    return this.#send(async () => {
      const { Body, ContentLength = 0 } = await client
        .send(new GetObjectCommand(this.#at(key)))
        .catch((error: unknown) => {
          throw failureOf(error) === 'missing' ? this.#lost(key) : error
        })
      if (Body === undefined) throw new Error('the answer has no body')
      await makeRoom(ContentLength)
      const file = await files.open(path, 'create')
      let offset = 0
      try {
        for await (const block of Body as AsyncIterable<Uint8Array>) {
          await file.write(block, offset)
          offset += block.length
        }
        checkLength(offset, ContentLength)
      } catch (error) {
        await files.remove(path)
        throw error
      } finally {
        await file.close()
      }
    })
  }

  #at(key: string): { Bucket: string; Key: string } {
    checkKey(key)
    return { Bucket: this.#options.bucket, Key: this.#options.prefix + key }
  }

  #encryption() {
    const { encryption } = this.#options
    if (encryption === null) return {}
    if (encryption.kind === 'AES256') return { ServerSideEncryption: encryption.kind }
    const { kind, keyId } = encryption
    return {
      ServerSideEncryption: kind,
      BucketKeyEnabled: true,
      ...(keyId !== null && { SSEKMSKeyId: keyId }),
    }
  }

  /** Rejects with INL_LAK_STORE, or with an error of this program as it is. */
  #send<T>(task: () => Promise<T>): Promise<T> {
    return this.#tried(task).catch((error: unknown) => {
      throw error instanceof InletError ? error : this.#failed(error)
    })
  }

  /** A body that breaks off is no failure of a request, and the client does not try it again. */
  async #tried<T>(task: () => Promise<T>): Promise<T> {
    const { clock, random } = this.#deps
    for (let tries = 1; ; tries++) {
      try {
        return await task()
      } catch (error) {
        if (wasTriedAgain(error) || error instanceof InletError || tries >= mostTries) throw error
      }
      await clock.sleep(backoffDelay(backoff, tries, random))
    }
  }

  #lost(key: string): InletError {
    const path = `${this.description}/${key}`
    return new InletError('INL_LAK_FILE', { path, reason: 'it is missing' })
  }

  /** Without its cause: that holds the answer, and ids of the account in it. */
  #failed(error: unknown): InletError {
    const { description: store } = this
    return new InletError('INL_LAK_STORE', { store, reason: failureText(error) })
  }
}

/** The client notes on what it has given up how often it tried. */
function wasTriedAgain(error: unknown): boolean {
  return error instanceof Error && '$metadata' in error
}

function checkLength(found: number, announced: number | undefined): void {
  if (announced !== undefined && found !== announced)
    throw new Error(`the answer broke off after ${found} of ${announced} bytes`)
}

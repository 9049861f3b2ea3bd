/**
 * A local file becomes an object of S3: in one request, or in parts where it is larger than one.
 *
 * Guarantee: the object is this file or the call rejects; nothing is overwritten. An answer that
 * was lost is made up for: each upload carries a mark of its own, and an object that has it is this
 * upload's. Parts of an upload that failed are removed; what a crash leaves of them is found by
 * `removeUnfinished`. Limits: it holds `partBytes` three times in memory; 10,000 parts.
 */
import { Readable } from 'node:stream'
import { HeadObjectCommand, type PutObjectCommandInput, type S3Client } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { InletError } from '../../core/errors.ts'
import type { Files, OpenFile } from '../../core/files.ts'
import type { Random } from '../../core/random.ts'
import { failureOf } from './s3-errors.ts'

/** The least that S3 allows. */
export const partBytes = 5 * 2 ** 20
const partsAtOnce = 2
const readBytes = 2 ** 20
const mark = 'inlet-upload'

export interface UploadDeps {
  readonly client: S3Client
  readonly files: Files
  readonly random: Random
}

export type Target = Omit<PutObjectCommandInput, 'Body'> & { Bucket: string; Key: string }

/** Rejects with INL_LAK_KEY where the key is taken, else with the failure of S3. */
export async function upload(deps: UploadDeps, localPath: string, target: Target): Promise<void> {
  const id = deps.random.uuid()
  const file = await deps.files.open(localPath, 'read')
  try {
    const size = await file.size()
    const params = {
      ...target,
      ContentLength: size,
      Metadata: { [mark]: id },
      IfNoneMatch: '*',
      Body: bodyOf(file, size),
    }
    const { client } = deps
    await new Upload({ client, params, queueSize: partsAtOnce, partSize: partBytes }).done()
  } catch (error) {
    const failure = failureOf(error)
    if (failure === 'refused' || failure === 'conflict') throw error
    if (await isOurs(deps.client, target, id)) return
    throw failure === 'taken' ? new InletError('INL_LAK_KEY', { key: target.Key }, error) : error
  } finally {
    await file.close()
  }
}

/** Not knowing is no reason to give up the error that led here. */
async function isOurs(client: S3Client, { Bucket, Key }: Target, id: string): Promise<boolean> {
  const head = new HeadObjectCommand({ Bucket, Key })
  return client.send(head).then(
    ({ Metadata }) => Metadata?.[mark] === id,
    () => false,
  )
}

function bodyOf(file: OpenFile, size: number): Readable {
  async function* blocks() {
    for (let offset = 0; offset < size; offset += readBytes) {
      const block = Buffer.alloc(Math.min(readBytes, size - offset))
      const read = await file.read(block, offset)
      yield block.subarray(0, read)
    }
  }
  return Readable.from(blocks(), { objectMode: false })
}

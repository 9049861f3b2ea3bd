/**
 * The files of an import, wherever they lie: a file or a folder of this machine, an object or a
 * prefix of a bucket. Those of a folder come in the order of their names, hidden ones not at all.
 */
import { basename, join } from 'node:path'
import { createGunzip } from 'node:zlib'
import { hasCode, InletError } from '../../core/errors.ts'
import type { Files } from '../../core/files.ts'
import type { ImportFile } from '../../ingress/import/import.ts'
import type { Config } from '../config/schema.ts'
import { isBucket } from '../config/storage.ts'
import { openLakeStore } from '../lake-store.ts'
import type { Machine } from '../machine.ts'

const CHUNK_BYTES = 2 ** 20

/** `path` is absolute or a URL. Rejects with INL_CLI_USAGE where nothing is there. */
export async function withImportFiles<T>(
  machine: Machine,
  { config, path }: { readonly config: Config; readonly path: string },
  use: (files: readonly ImportFile[]) => Promise<T>,
): Promise<T> {
  if (isBucket(path)) return withObjects(machine, { config, url: path }, use)
  const { files } = machine
  const stat = await files.stat(path)
  if (stat === null) throw nothingAt(path)
  if (stat.isFolder) return use(await filesIn(files, path, ''))
  return use([localFile(files, path, { ...stat, name: basename(path) })])
}

function nothingAt(path: string): InletError {
  const hint = 'Name a file, a folder, or s3://bucket/prefix.'
  return new InletError('INL_CLI_USAGE', { reason: `there is nothing at ${path}`, hint })
}

async function filesIn(files: Files, folder: string, below: string): Promise<ImportFile[]> {
  const found: ImportFile[] = []
  for (const name of await files.list(folder)) {
    const path = join(folder, name)
    const stat = await files.stat(path)
    if (stat === null || name.startsWith('.')) continue
    if (stat.isFolder) found.push(...(await filesIn(files, path, `${below}${name}/`)))
    else found.push(localFile(files, path, { ...stat, name: `${below}${name}` }))
  }
  return found
}

type Named = Pick<ImportFile, 'name' | 'size' | 'modifiedAt'>

function localFile(files: Files, path: string, { name, size, modifiedAt }: Named): ImportFile {
  return { name, size, modifiedAt, read: () => inflated(chunksOf(files, path)) }
}

/** The objects that the prefix names, or the one whose key it is. */
async function withObjects<T>(
  machine: Machine,
  { config, url }: { readonly config: Config; readonly url: string },
  use: (files: readonly ImportFile[]) => Promise<T>,
): Promise<T> {
  const parent = url.slice(0, url.lastIndexOf('/'))
  const last = url.slice(parent.length + 1)
  const isObject = last !== '' && isBucket(parent) && parent !== 's3:/'
  const lake = { ...config.lake, url: isObject ? parent : url }
  const { bronzeUrl: _, ...own } = lake
  const opened = await openLakeStore(machine, { ...config, lake: own })
  const { store } = opened
  try {
    const objects = await named(store.list(isObject ? last : ''))
    const wanted = objects.filter(
      ({ key }) => !isObject || key === last || key.startsWith(`${last}/`),
    )
    if (wanted.length === 0) throw nothingAt(url)
    const files = wanted.map(({ key, size, modifiedAt }) => ({
      ...{ name: key, size, modifiedAt },
      async *read() {
        const lease = store.lease()
        try {
          const [path = ''] = await named(lease.bring([key]))
          yield* inflated(chunksOf(machine.files, path))
        } finally {
          lease.release()
        }
      },
    }))
    return await use(files)
  } finally {
    opened.close()
  }
}

/** It is a bucket, and not the lake, that cannot be reached. */
async function named<T>(asked: Promise<T>): Promise<T> {
  return asked.catch((error: unknown) => {
    if (!hasCode(error, 'INL_LAK_STORE')) throw error
    throw new InletError('INL_APP_IMPORT_STORE', error.details, error)
  })
}

async function* chunksOf(files: Files, path: string): AsyncGenerator<Buffer> {
  const file = await files.open(path, 'read')
  try {
    for (let offset = 0; ; ) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
      const read = await file.read(chunk, offset)
      if (read > 0) yield chunk.subarray(0, read)
      offset += read
      if (read < chunk.length) return
    }
  } finally {
    await file.close()
  }
}

/** By its first bytes, whatever its name. */
async function* inflated(chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const first = await chunks.next()
  if (first.done === true) return
  const all = startingWith(first.value, chunks)
  if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) return yield* all
  const { Readable, pipeline } = await import('node:stream')
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES })
  // What fails destroys the stream, and is thrown where that is read.
  pipeline(Readable.from(all), gunzip, () => undefined)
  for await (const chunk of gunzip) yield chunk
}

async function* startingWith(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield first
  yield* rest
}

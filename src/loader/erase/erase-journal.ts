/** Erasure in the journal: of records that have landed, which nobody reads any more. */
import { hash } from 'node:crypto'
import type { Files } from '../../core/files.ts'
import type { Entry } from '../../journal/entry.ts'
import { openAttributesReader, readPayload } from '../../journal/entry-codec.ts'
import { overwriteRecords } from '../../journal/segment/overwrite.ts'
import { isId } from '../../privacy/subject.ts'
import { names, type Seek } from './seek.ts'

export interface JournalFolder {
  readonly files: Files
  /** Of a partition. */
  readonly folder: string
  /** Where the lake stands in it. */
  readonly landed: number
  /** Counts alone. */
  readonly dryRun: boolean
}

export interface ErasedJournal {
  readonly records: number
  /** Copies of what was torn off, which were removed. */
  readonly copies: number
}

export async function eraseJournal(
  { files, folder, landed, dryRun }: JournalFolder,
  seek: Seek,
): Promise<ErasedJournal> {
  const attributes = openAttributesReader()
  const records = await overwriteRecords(files, folder, {
    below: landed,
    dryRun,
    payload: (bytes) => {
      const payload = { bytes, from: 0, to: bytes.length }
      return erasePayload(bytes, readPayload(payload, attributes(payload)), seek)
    },
    damage: (bytes) => {
      const isNamed = namesIn(seek, bytes)
      if (isNamed) bytes.fill(0)
      return isNamed
    },
  })
  let copies = 0
  for (const name of await files.list(folder)) {
    if (!name.endsWith('.torn')) continue
    if (!namesIn(seek, await files.readAll(`${folder}/${name}`))) continue
    if (!dryRun) await files.remove(`${folder}/${name}`)
    copies++
  }
  if (copies > 0 && !dryRun) await files.syncFolder(folder)
  return { records, copies }
}

/** The body and its hash are views of the payload: the length of everything stays. */
function erasePayload(payload: Buffer, entry: Entry, seek: Seek): boolean {
  if (entry.kind === 'note') return false
  const { body, bodySha256 } = 'envelope' in entry ? entry.envelope : entry
  const head = payload.subarray(0, payload.length - body.length)
  const inHead = isId(seek.subject.kind) && blank(head, seek.subject.value)
  if (!namesIn(seek, body)) return inHead
  body.fill(0x20)
  if (body.length >= 2) body.set(Buffer.from('{}'))
  bodySha256.set(hash('sha256', body, 'buffer'))
  return true
}

/** Zeros in place of an id, wherever it stands. */
function blank(bytes: Buffer, value: string): boolean {
  let at = bytes.indexOf(value)
  const isThere = at !== -1
  for (; at !== -1; at = bytes.indexOf(value, at + value.length))
    bytes.fill(0x30, at, at + value.length)
  return isThere
}

/** As JSON, and as a text without quotes around it. */
function namesIn(seek: Seek, bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  return names(seek, text) || names(seek, JSON.stringify(text))
}

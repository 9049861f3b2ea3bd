/**
 * The position up to which a partition is durable, told to readers in other processes.
 *
 *   0 16  journal id     16  8  position     24  4  CRC of bytes 0..23
 *
 * Written after syncs, never synced itself: after a loss of power it may be old or torn, never
 * ahead. Recovery writes it again. Writes are in order and coalesced: the last one wins.
 */
import { crc32 } from 'node:zlib'
import { type Files, isSystemError, type OpenFile } from '../../core/files.ts'
import { readUint64, writeUint64 } from './format.ts'
import { durableMarkPath } from './layout.ts'

const MARK_BYTES = 28

export interface DurableMark {
  /** Returns at once; the position is seen by readers soon after. */
  publish(position: number): void
  /** Waits until what was published is written, and closes the file. */
  close(): Promise<void>
}

export async function openDurableMark(
  files: Files,
  folder: string,
  journalId: string,
): Promise<DurableMark> {
  const file = await openOrCreate(files, durableMarkPath(folder))
  const bytes = Buffer.alloc(MARK_BYTES)
  bytes.write(journalId.replaceAll('-', ''), 0, 'hex')
  let wanted = -1
  let writing: Promise<void> | null = null
  const drain = async () => {
    for (let written = -1; written !== wanted; ) {
      const position = wanted
      // A mark that cannot be written leaves readers behind, and the next one tries again.
      await writeMark(file, bytes, position).catch(() => undefined)
      written = position
    }
    writing = null
  }
  return {
    publish(position) {
      wanted = position
      writing ??= drain()
    },
    async close() {
      await writing
      await file.close()
    },
  }
}

/** Null when there is no mark of this journal, or when it is torn. */
export async function readDurableMark(
  files: Files,
  folder: string,
  journalId: string,
): Promise<number | null> {
  let bytes: Buffer
  try {
    bytes = await files.readAll(durableMarkPath(folder))
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return null
    throw error
  }
  if (bytes.length < MARK_BYTES || crc32(bytes.subarray(0, 24)) !== bytes.readUInt32LE(24))
    return null
  if (bytes.toString('hex', 0, 16) !== journalId.replaceAll('-', '')) return null
  return readUint64(bytes, 16)
}

/** `bytes` begin with the journal id; nobody else writes them meanwhile. */
function writeMark(file: OpenFile, bytes: Buffer, position: number): Promise<void> {
  writeUint64(bytes, position, 16)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 24)), 24)
  return file.write(bytes, 0)
}

async function openOrCreate(files: Files, path: string): Promise<OpenFile> {
  try {
    return await files.open(path, 'update')
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error
    return await files.open(path, 'create')
  }
}

/**
 * Refuses a journal on a file system that does not survive a restart: what is acknowledged must.
 *
 * Limits: it knows the magic numbers of Linux; elsewhere every file system passes.
 */
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { InletError } from '../core/errors.ts'
import { isSystemError } from '../core/files.ts'

/** `f_type` of statfs(2). Source: include/uapi/linux/magic.h and fs/ramfs of the Linux kernel. */
const fleeting: ReadonlyMap<number, string> = new Map([
  [0x01021994, 'tmpfs'],
  [0x858458f6, 'ramfs'],
  [0x794c7630, 'overlay'],
])

export interface FileSystem {
  /** The name of a file system that does not survive a restart, else null. */
  readonly fleeting: string | null
  readonly freeBytes: number
  readonly totalBytes: number
}

/** Of `path`, or of the nearest folder above it that exists. */
export async function fileSystemOf(path: string): Promise<FileSystem> {
  try {
    const { type, bavail, blocks, bsize } = await statfs(path)
    const name = fleeting.get(type) ?? null
    return { fleeting: name, freeBytes: bavail * bsize, totalBytes: blocks * bsize }
  } catch (error) {
    if (!isSystemError(error, 'ENOENT') || path === dirname(path)) throw error
    return fileSystemOf(dirname(path))
  }
}

/** Rejects with INL_APP_EPHEMERAL unless the configuration allows it. */
export async function checkJournalDisk(
  journal: { dir: string; ephemeral: boolean },
  look: (path: string) => Promise<FileSystem> = fileSystemOf,
): Promise<void> {
  const found = await look(journal.dir)
  if (found.fleeting === null || journal.ephemeral) return
  throw new InletError('INL_APP_EPHEMERAL', { dir: journal.dir, kind: found.fleeting })
}

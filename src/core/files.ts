/**
 * The file system as a port. The journal and the folder store touch disk only through it, so that a
 * twin which forgets everything unsynced can stand in for it (test/simulation/forgetful-files.ts).
 *
 * What is durable, and only this:
 * - bytes and size of a file after `OpenFile.sync` resolved, or `OpenFile.write` of one that was
 *   opened to be synced by each
 * - the names in a folder (created, linked, renamed, removed) after `syncFolder` on that folder
 *   resolved
 *
 * Everything rejects with the system's error (`code` ENOENT, EEXIST, ENOSPC ...), untouched.
 */
export interface Files {
  open(path: string, mode: OpenMode): Promise<OpenFile>
  /** The whole file. For small ones: callers that meet large files stream through `open`. */
  readAll(path: string): Promise<Buffer>
  /** Names in a folder, sorted; ENOENT when it does not exist. */
  list(folder: string): Promise<string[]>
  /** Size in bytes and modification time (ms since the epoch), or null when nothing is there. */
  stat(path: string): Promise<FileStat | null>
  /** Creates the folder and its missing parents. Not durable until each parent was synced. */
  makeFolder(folder: string): Promise<void>
  /** A second name for a file; EEXIST when `to` is taken. The atomic "create if absent". */
  link(from: string, to: string): Promise<void>
  /** Replaces `to` if it exists. */
  rename(from: string, to: string): Promise<void>
  /** ENOENT when nothing is there. */
  remove(path: string): Promise<void>
  /** Makes the names in this folder durable. */
  syncFolder(folder: string): Promise<void>
  /** Bytes that an unprivileged process may still write on the file system of `path`. */
  freeBytes(path: string): Promise<number>
}

/**
 * - `create`: a new file, EEXIST when the name is taken, mode 0600
 * - `create-synced`: the same, and each write makes its bytes durable and the size with them, at
 *   less cost than a write and a `sync`; a first part of a write may be durable before the rest is
 * - `update`: an existing file for reading and writing
 * - `read`: an existing file for reading
 */
export type OpenMode = 'create' | 'create-synced' | 'update' | 'read'

export interface FileStat {
  readonly size: number
  readonly modifiedAt: number
  readonly isFolder: boolean
}

export interface OpenFile {
  /** Writes all of `bytes` at `offset`, or rejects; what a rejected write left is unknown. */
  write(bytes: Uint8Array, offset: number): Promise<void>
  /** Fills `into` from `offset`; resolves to the bytes read, fewer only at the end of the file. */
  read(into: Uint8Array, offset: number): Promise<number>
  size(): Promise<number>
  truncate(size: number): Promise<void>
  /**
   * Makes bytes and size durable (fdatasync). After a rejection nothing about the file is certain.
   */
  sync(): Promise<void>
  close(): Promise<void>
}

/** True when `error` is a system error of that code, such as ENOENT. */
export function isSystemError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

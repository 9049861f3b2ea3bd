/**
 * The real file system behind the `Files` port: thin, callback `fs` calls (no FileHandle on the hot
 * path).
 */
import * as fs from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import type { Files, OpenFile, OpenMode } from './files.ts'
import { isSystemError } from './files.ts'

const openFd = promisify(fs.open)
const closeFd = promisify(fs.close)
const fsyncFd = promisify(fs.fsync)
const fdatasyncFd = promisify(fs.fdatasync)
const fstatFd = promisify(fs.fstat)
const ftruncateFd = promisify(fs.ftruncate)
const { O_CREAT, O_EXCL, O_RDWR, O_DSYNC } = fs.constants

/**
 * On Linux a write to a file that was opened with O_DSYNC returns as if fdatasync had followed it
 * (open(2)): one job for a thread instead of two. Elsewhere the flag may stop at the cache of the
 * disk (fcntl(2) of macOS, F_FULLFSYNC), which libuv's fdatasync does not.
 */
const hasSyncedWrites = process.platform === 'linux'

const flags: Readonly<Record<OpenMode, string | number>> = {
  create: 'wx+',
  'create-synced': hasSyncedWrites ? O_CREAT | O_EXCL | O_RDWR | O_DSYNC : 'wx+',
  update: 'r+',
  read: 'r',
}

export const nodeFiles: Files = {
  async open(path, mode) {
    const file = nodeFile(await openFd(path, flags[mode], 0o600))
    return mode === 'create-synced' && !hasSyncedWrites ? syncedByCall(file) : file
  },
  readAll: (path) => fs.promises.readFile(path),
  list: async (folder) => (await fs.promises.readdir(folder)).sort(),
  async stat(path) {
    try {
      const found = await fs.promises.stat(path)
      return { size: found.size, modifiedAt: found.mtimeMs, isFolder: found.isDirectory() }
    } catch (error) {
      if (isSystemError(error, 'ENOENT')) return null
      throw error
    }
  },
  makeFolder: (folder) => makeFolder(folder, true),
  link: (from, to) => fs.promises.link(from, to),
  rename: (from, to) => fs.promises.rename(from, to),
  remove: (path) => fs.promises.unlink(path),
  async syncFolder(folder) {
    const fd = await openFd(folder, 'r')
    try {
      await fsyncFd(fd)
    } finally {
      await closeFd(fd)
    }
  },
  async freeBytes(path) {
    const found = await fs.promises.statfs(path)
    return found.bavail * found.bsize
  },
}

/**
 * Node's own, which makes parents as well, tries for ever where a parent is there and takes no
 * folder, as /proc does (ENOENT).
 */
async function makeFolder(folder: string, makesParents: boolean): Promise<void> {
  try {
    await fs.promises.mkdir(folder, { mode: 0o700 })
  } catch (error) {
    if (isSystemError(error, 'ENOENT') && makesParents && dirname(folder) !== folder) {
      await makeFolder(dirname(folder), true)
      return makeFolder(folder, false)
    }
    const isFolder = async () => (await nodeFiles.stat(folder))?.isFolder === true
    if (!isSystemError(error, 'EEXIST') || !(await isFolder())) throw error
  }
}

function nodeFile(fd: number): OpenFile {
  return {
    write: (bytes, offset) => writeAll(fd, bytes, offset),
    read: (into, offset) => readAll(fd, into, offset),
    async size() {
      return (await fstatFd(fd)).size
    },
    truncate: (size) => ftruncateFd(fd, size),
    sync: () => fdatasyncFd(fd),
    close: () => closeFd(fd),
  }
}

/** Syncs after each write. */
export function syncedByCall(file: OpenFile): OpenFile {
  return {
    ...file,
    async write(bytes, offset) {
      await file.write(bytes, offset)
      await file.sync()
    },
  }
}

/**
 * The kernel may write less than asked (a signal, a nearly full disk): go on until all is written.
 */
function writeAll(fd: number, bytes: Uint8Array, offset: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const step = (done: number) => {
      fs.write(fd, bytes, done, bytes.length - done, offset + done, (error, written) => {
        if (error) return reject(error)
        if (done + written === bytes.length) return resolve()
        step(done + written)
      })
    }
    step(0)
  })
}

function readAll(fd: number, into: Uint8Array, offset: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const step = (done: number) => {
      fs.read(fd, into, done, into.length - done, offset + done, (error, count) => {
        if (error) return reject(error)
        if (count === 0 || done + count === into.length) return resolve(done + count)
        step(done + count)
      })
    }
    step(0)
  })
}

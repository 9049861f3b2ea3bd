/**
 * An exclusive lock between processes, freed by the kernel when its holder dies.
 *
 * Node has no flock; an exclusive transaction on an SQLite file is one (a POSIX lock underneath,
 * which goes with the process). The file holds no data and is never removed: removing a lock file
 * under a holder would let a second one in.
 */
import { closeSync, existsSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

export interface Locks {
  /** Null when another holder, in any process, has it. */
  acquire(path: string): Lock | null
}

export interface Lock {
  release(): void
}

export const sqliteLocks: Locks = {
  acquire(path) {
    // Closing any descriptor of the file frees what this process has locked: it is opened to be
    // created and never again.
    if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600))
    const database = new DatabaseSync(path)
    try {
      database.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE')
    } catch (error) {
      database.close()
      if (isBusy(error)) return null
      throw error
    }
    return {
      release() {
        if (database.isOpen) database.close()
      },
    }
  },
}

const SQLITE_BUSY = 5

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY
}

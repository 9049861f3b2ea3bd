/** Creating a folder so that it survives a loss of power. */
import { dirname } from 'node:path'
import { type Files, isSystemError } from './files.ts'

/**
 * Makes the folder and its missing parents, and makes every name on the way down durable. Names
 * that are already there are synced too: the process that made them may have died before it got to
 * that.
 */
export async function makeDurableFolder(files: Files, folder: string): Promise<void> {
  await files.makeFolder(folder)
  for (let path = folder; path !== dirname(path); path = dirname(path)) {
    try {
      await files.syncFolder(dirname(path))
    } catch (error) {
      // A folder above that we may not even read was made by somebody else, long ago.
      if (!isSystemError(error, 'EACCES') && !isSystemError(error, 'EPERM')) throw error
    }
  }
}

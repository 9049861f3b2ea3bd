/**
 * What is being attempted, on the local disk: where the process ends in the middle, whoever comes
 * next finds it.
 *
 * A hint and no state: without it the same slice is tried once more. It outlives the process, not
 * the machine, and costs no sync.
 */
import { join } from 'node:path'
import { type Files, isSystemError } from '../../core/files.ts'
import type { Random } from '../../core/random.ts'
import type { PositionRange } from '../progress/standing.ts'

export interface Attempt {
  readonly ranges: readonly PositionRange[]
  /** How often it failed before. */
  readonly failures: number
}

export interface AttemptNotes {
  /** What was under way when a process ended; told once. */
  takeLeft(): Promise<Attempt[]>
  /** Resolves to what takes the note away. */
  begin(attempt: Attempt): Promise<() => Promise<void>>
}

/** Notes of one name are of one kind of work, done by one process at a time. */
export function openAttemptNotes(
  { files, random }: { readonly files: Files; readonly random: Random },
  { folder, name: kind }: { readonly folder: string; readonly name: string },
): AttemptNotes {
  const prefix = `${kind}-attempt-`
  return {
    async takeLeft() {
      const left: Attempt[] = []
      for (const name of await files.list(folder)) {
        if (!name.startsWith(prefix)) continue
        left.push(...(await readNote(files, join(folder, name))))
        await removeNote(files, join(folder, name))
      }
      return left
    },
    async begin(attempt) {
      const path = join(folder, `${prefix}${random.uuid()}.json`)
      const file = await files.open(path, 'create')
      try {
        await file.write(Buffer.from(JSON.stringify(attempt)), 0)
      } finally {
        await file.close()
      }
      return () => removeNote(files, path)
    },
  }
}

/** Nothing where it was only begun. */
async function readNote(files: Files, path: string): Promise<Attempt[]> {
  try {
    return [JSON.parse((await files.readAll(path)).toString()) as Attempt]
  } catch (error) {
    if (error instanceof SyntaxError || isSystemError(error, 'ENOENT')) return []
    throw error
  }
}

async function removeNote(files: Files, path: string): Promise<void> {
  await files.remove(path).catch((error: unknown) => {
    if (!isSystemError(error, 'ENOENT')) throw error
  })
}

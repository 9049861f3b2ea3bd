/** A small file that is whole at any moment: written beside its place, then put there. */
import { dirname } from 'node:path'
import type { Files } from './files.ts'

/**
 * Readers find the old text or the new one. Not durable until the folder was synced; two writers of
 * one path are one too many.
 */
export async function replaceFile(files: Files, path: string, text: string): Promise<void> {
  await replace(files, path, { text, isDurable: false })
}

/** As `replaceFile`, and durable once it resolves. */
export async function replaceDurably(files: Files, path: string, text: string): Promise<void> {
  await replace(files, path, { text, isDurable: true })
  await files.syncFolder(dirname(path))
}

async function replace(
  files: Files,
  path: string,
  { text, isDurable }: { readonly text: string; readonly isDurable: boolean },
): Promise<void> {
  const temporary = `${path}.tmp`
  if ((await files.stat(temporary)) !== null) await files.remove(temporary)
  const file = await files.open(temporary, 'create')
  try {
    await file.write(Buffer.from(text), 0)
    if (isDurable) await file.sync()
  } finally {
    await file.close()
  }
  await files.rename(temporary, path)
}

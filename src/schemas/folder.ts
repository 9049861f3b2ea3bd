/** The schemas that an operator keeps in files: `schemas.dir`. */
import { join } from 'node:path'
import { InletError } from '../core/errors.ts'
import { type Files, isSystemError } from '../core/files.ts'
import { conflictsOf, readSchemaFile } from './approval.ts'
import type { Approval } from './registry.ts'

/** Larger files are none. */
const MOST_BYTES = 16 * 2 ** 20

export interface SchemaFile {
  readonly file: string
  readonly approval: Approval
}

/**
 * None where there is no such folder. Rejects with INL_SCH_FILE, which names the first file that
 * holds no schema, and with INL_SCH_CONFLICT where two hold one version with other content.
 */
export async function readSchemaFolder(files: Files, folder: string): Promise<SchemaFile[]> {
  const names = await files.list(folder).catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT')) return []
    throw error
  })
  const found: SchemaFile[] = []
  for (const name of names.filter((one) => one.endsWith('.json')).sort()) {
    const file = join(folder, name)
    found.push({ file, approval: readSchemaText(file, await textOf(files, file)) })
  }
  for (const { topic, number } of conflictsOf(found.map(({ approval }) => approval))) {
    const same = found.filter(({ approval: a }) => a.topic === topic && a.number === number)
    const places = same.map(({ file }) => file).join(' and ')
    throw new InletError('INL_SCH_CONFLICT', { topic, number, places })
  }
  return found
}

async function textOf(files: Files, file: string): Promise<string> {
  const stat = await files.stat(file)
  if (stat === null || stat.size > MOST_BYTES)
    throw new InletError('INL_SCH_FILE', { file, reason: 'it is too large to be one' })
  return (await files.readAll(file)).toString()
}

/** Rejects with INL_SCH_FILE. */
export function readSchemaText(file: string, text: string): Approval {
  const approval = readSchemaFile(text)
  if (approval !== null) return approval
  const reason = 'it has no topic, no version from 1 on, or no schema'
  throw new InletError('INL_SCH_FILE', { file, reason })
}

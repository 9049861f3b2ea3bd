/**
 * What independent readers are held against: a file for each table, with what `inlet query` prints
 * of it, read by readers.py. Written into the folder of the run, whose layout means nothing else.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { formatJson } from '../../../src/lake/format-result.ts'
import type { QuerySession } from '../../../src/lake/query.ts'

export interface Told {
  /** The lake that the table is in; with the table, the name of the file. */
  readonly lake: string
  readonly table: string
  /** A folder or an s3:// URL: where the readers find the table. */
  readonly place: string
  readonly version: number
}

export async function tellExpected(folder: string, session: QuerySession, told: Told) {
  const rows = formatJson(await session.query(`FROM ${told.table}`))
  await mkdir(join(folder, 'expected'), { recursive: true })
  const path = join(folder, 'expected', `${told.lake}.${told.table}.json`)
  await writeFile(path, `{"told":${JSON.stringify(told)},"rows":${rows}}`)
}

/**
 * Files of bronze that cannot be read: missing, cut off, damaged. Sought only where something could
 * not be read, since each file is then read whole, by halves of those in doubt.
 */
import { errorText, hasCode } from '../core/errors.ts'
import type { DeltaTable } from '../lake/delta/delta-table.ts'
import type { SqlEngine } from '../lake/sql/duckdb.ts'
import { tableSelect } from '../lake/sql/table-view.ts'
import type { LocalObjects } from '../lake/store/with-leases.ts'
import { arrivals } from '../tables/arrivals.ts'

export interface Unreadable {
  /** Within the lake. */
  readonly file: string
  readonly reason: string
}

/** A file of the table and where it lies here. */
export interface LocalFile {
  readonly file: string
  readonly path: string
}

/** All files of the table, without those that are not there to be brought here. */
export async function localFiles(
  store: LocalObjects,
  table: DeltaTable,
): Promise<{ files: LocalFile[]; unreadable: Unreadable[] }> {
  const found = await Promise.all(
    table.snapshot().files.map(async ({ key }): Promise<LocalFile | Unreadable> => {
      const file = `${table.key}/${key}`
      try {
        return { file, path: await store.localPath(file) }
      } catch (error) {
        if (!hasCode(error, 'INL_LAK_FILE')) throw error
        return { file, reason: String(error.details['reason']) }
      }
    }),
  )
  return {
    files: found.filter((one) => 'path' in one),
    unreadable: found.filter((one) => 'reason' in one),
  }
}

/** Those of `files` that cannot be read; none where each of them can. */
export function unreadableOf(
  engine: Pick<SqlEngine, 'rows' | 'withOneThread'>,
  files: readonly LocalFile[],
  signal?: AbortSignal,
): Promise<Unreadable[]> {
  const sought = async (some: readonly LocalFile[]): Promise<Unreadable[]> => {
    signal?.throwIfAborted()
    const [first] = some
    if (first === undefined) return []
    const reason = await whyNot(engine, some)
    if (reason === null) return []
    if (some.length === 1) return [{ file: first.file, reason }]
    const middle = Math.ceil(some.length / 2)
    return [...(await sought(some.slice(0, middle))), ...(await sought(some.slice(middle)))]
  }
  return engine.withOneThread(() => sought(files))
}

/** Why they cannot be read to their end; null where they can. */
async function whyNot(
  engine: Pick<SqlEngine, 'rows'>,
  files: readonly LocalFile[],
  isAgain = false,
): Promise<string | null> {
  try {
    const select = tableSelect(
      arrivals,
      files.map(({ path }) => path),
    )
    await engine.rows(`SELECT bit_xor(hash(rows)) FROM (${select}) AS rows`)
    return null
  } catch (error) {
    if (hasCode(error, 'INL_LAK_FILE')) return String(error.details['reason'])
    const text = errorText(error)
    // DuckDB gave up over another file, and is opened anew by now.
    if (/database has been invalidated/.test(text) && !isAgain) return whyNot(engine, files, true)
    // That is no fault of a file.
    if (/out of memory|invalidated/i.test(text)) throw error
    return text
  }
}

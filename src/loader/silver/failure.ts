/**
 * Failures of DuckDB over events. Their messages quote values and statements: only their kind is
 * passed on (I8).
 */
import { InletError } from '../../core/errors.ts'

const kinds = /^([A-Z][A-Za-z ]*? Error)\b/
/** What one step needs; fewer events need less. */
export const OUT_OF_MEMORY = 'Out of Memory Error'
/** Those that an event can bring about. */
const faults = new Set([
  ...['Conversion Error', 'Invalid Input Error', 'Out of Range Error', 'Mismatch Type Error'],
  ...['INTERNAL Error', 'FATAL Error', OUT_OF_MEMORY],
])

/** Does a task; what DuckDB raises in it becomes INL_LDR_SILVER. */
export async function inStep<T>(step: string, task: () => Promise<T>): Promise<T> {
  try {
    return await task()
  } catch (error) {
    const kind = kindOfFailure(error)
    if (kind === null) throw error
    throw new InletError('INL_LDR_SILVER', { kind, step })
  }
}

/**
 * What DuckDB calls it; null for what is no failure of DuckDB, and for one of the disk, whose
 * message names files of ours.
 */
export function kindOfFailure(error: unknown): string | null {
  const [, kind] = (error instanceof Error && kinds.exec(error.message)) || []
  return kind === undefined || kind === 'IO Error' ? null : kind
}

/** True where fewer events may fare better. */
export function isFaultOfEvents(error: unknown): boolean {
  return error instanceof InletError && faults.has(String(error.details['kind']))
}

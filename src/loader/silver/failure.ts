/**
 * Failures of DuckDB over events. Their messages quote values and statements: only their kind is
 * passed on (I8).
 */
import { InletError } from '../../core/errors.ts'

const kinds = /^([A-Z][A-Za-z ]*? Error)\b/
/** Those that an event can bring about. */
const faults = new Set([
  ...['Conversion Error', 'Invalid Input Error', 'Out of Range Error', 'Mismatch Type Error'],
  ...['INTERNAL Error', 'FATAL Error', 'Out of Memory Error'],
])

/** Does a task; what DuckDB raises in it becomes INL_LDR_SILVER. */
export async function inStep<T>(step: string, task: () => Promise<T>): Promise<T> {
  try {
    return await task()
  } catch (error) {
    const [, kind] = (error instanceof Error && kinds.exec(error.message)) || []
    // Of the disk: it names files of ours.
    if (kind === undefined || kind === 'IO Error') throw error
    throw new InletError('INL_LDR_SILVER', { kind, step })
  }
}

/** True where fewer events may fare better. */
export function isFaultOfEvents(error: unknown): boolean {
  return error instanceof InletError && faults.has(String(error.details['kind']))
}

/**
 * What was last known of the subscriptions of sources, in a file of the journal's folder: whoever
 * asks for the status need not ask Genesys Cloud.
 */
import { join } from 'node:path'
import { type Files, isSystemError } from '../../core/files.ts'
import { replaceFile } from '../../core/replace-file.ts'

export type SubscriptionState = 'active' | 'inactive' | 'missing' | 'ambiguous'

export interface KnownState {
  readonly source: string
  /** What it is called at Genesys Cloud. */
  readonly name: string
  readonly state: SubscriptionState
  /** When it was first found so, and last, ms since the epoch. */
  readonly since: number
  readonly checkedAt: number
}

const NAME = 'subscriptions.json'

/** None where nobody has looked, or the file is not of this version. */
export async function readStates(files: Files, journal: string): Promise<KnownState[]> {
  try {
    const text = (await files.readAll(join(journal, NAME))).toString()
    const { states }: { states?: unknown } = JSON.parse(text)
    return Array.isArray(states) ? states.filter(isKnownState) : []
  } catch (error) {
    if (error instanceof SyntaxError || isSystemError(error, 'ENOENT')) return []
    throw error
  }
}

export async function writeStates(
  files: Files,
  journal: string,
  states: readonly KnownState[],
): Promise<void> {
  await files.makeFolder(journal)
  await replaceFile(files, join(journal, NAME), `${JSON.stringify({ states })}\n`)
}

function isKnownState(value: unknown): value is KnownState {
  if (typeof value !== 'object' || value === null) return false
  const { source, name, state, since, checkedAt } = value as Partial<
    Record<keyof KnownState, unknown>
  >
  const texts = [source, name, state].every((one) => typeof one === 'string')
  return texts && Number.isFinite(since) && Number.isFinite(checkedAt)
}

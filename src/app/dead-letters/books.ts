/** Opens what dead letters are told from: bronze, and decisions that are not in it yet. */
import type { LetterBooks } from '../../loader/dead-letters/find-letters.ts'
import type { Config } from '../config/schema.ts'
import { nullIfMissing, openReadableLake, type ReadableLake } from '../lake-access.ts'
import type { Machine } from '../machine.ts'
import { waitingDecisions } from './waiting.ts'

/** Null where nothing has landed: there are no dead letters then. */
export async function withLetterBooks<T>(
  machine: Machine,
  config: Config,
  use: (books: LetterBooks | null) => Promise<T>,
): Promise<T> {
  const lake = await openReadableLake(machine, config).catch(nullIfMissing)
  try {
    return await use(lake && (await letterBooks(machine, config, lake)))
  } finally {
    lake?.close()
  }
}

/** Of a lake that is open; its table then stands at its newest version. */
export async function letterBooks(
  machine: Machine,
  config: Pick<Config, 'journal'>,
  lake: Pick<ReadableLake, 'store' | 'engine' | 'table'>,
): Promise<LetterBooks | null> {
  const { store, engine, table } = lake
  if (table === null) return null
  const waiting = await waitingDecisions(machine, config, table)
  // What the journal let go of before it was read has landed since the table was.
  await table.refresh()
  return { store, engine, table, waiting }
}

/** What became of an import, once the loader has landed it: counted by outcome. */

import type { ImportReport } from '../../ingress/import/import.ts'
import { importPartition } from '../../journal/command-partitions.ts'
import { mayHoldText, type Span, spanOf } from '../../lake/delta/statistics.ts'
import type { DataFile } from '../../lake/delta/table-state.ts'
import { literal } from '../../lake/sql/quote.ts'
import { bronzeSelect } from '../../loader/bronze-files.ts'
import { appId } from '../../loader/places.ts'
import type { Config } from '../config/schema.ts'
import { nullIfMissing, openReadableLake, type ReadableLake } from '../lake-access.ts'
import type { Machine } from '../machine.ts'

const LOOK_EVERY_MS = 500
/** Without a step of a loader for so long, there is none. */
const PATIENCE_MS = 15_000

export interface Landed {
  readonly events: number
  readonly duplicates: number
  readonly deadLetters: number
}

type Place = Pick<ImportReport, 'journalId' | 'from' | 'to'>

/** Null where no loader is at work. Rejects when `signal` aborts. */
export async function landedOf(
  machine: Machine,
  { config, place }: { readonly config: Config; readonly place: Place },
  signal: AbortSignal,
): Promise<Landed | null> {
  const { clock } = machine
  const app = appId({ journalId: place.journalId, partition: importPartition })
  let stood = -1
  for (let movedAt = clock.elapsed(); clock.elapsed() - movedAt < PATIENCE_MS; ) {
    const lake = await openReadableLake(machine, config).catch(nullIfMissing)
    try {
      const stands = lake?.table?.txn(app) ?? 0
      if (lake !== null && stands >= place.to) return await countLanded(lake, place)
      if (stands > stood) movedAt = clock.elapsed()
      stood = stands
    } finally {
      lake?.close()
    }
    await clock.sleep(LOOK_EVERY_MS, signal)
  }
  return null
}

async function countLanded(lake: ReadableLake, { journalId, from, to }: Place): Promise<Landed> {
  const { store, engine, table } = lake
  if (table === null) return { events: 0, duplicates: 0, deadLetters: 0 }
  const isOurs = (file: DataFile) =>
    mayHoldText(file.stats, 'journal_partition', importPartition) &&
    overlaps(spanOf(file.stats, 'position'), { from, until: to })
  const count = (outcome: string) =>
    `count(*) FILTER (WHERE outcome = '${outcome}')::DOUBLE AS ${outcome}`
  const [row] = await engine.rows(`
    SELECT ${['event', 'duplicate', 'dead_letter'].map(count).join(', ')}
    FROM (${await bronzeSelect(store, table, isOurs)})
    WHERE journal_partition = '${importPartition}' AND journal_id = ${literal(journalId)}
      AND position >= ${from} AND position < ${to}`)
  const of = (outcome: string) => Number(row?.[outcome] ?? 0)
  return { events: of('event'), duplicates: of('duplicate'), deadLetters: of('dead_letter') }
}

function overlaps(a: Span, b: Span): boolean {
  return a.from <= b.until && b.from <= a.until
}

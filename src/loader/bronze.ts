/**
 * What the loader reads back from `bronze.arrivals`: at its start identities for the window, later
 * evidence for a batch (./lookup.ts).
 */
import { keySql } from '../dedup/identity-key.ts'
import { ROW_WORDS } from '../dedup/identity-table.ts'
import type { IdentityWindow } from '../dedup/identity-window.ts'
import type { DeltaTable } from '../lake/delta/delta-table.ts'
import type { DataFile } from '../lake/delta/table-state.ts'
import type { SqlEngine } from '../lake/sql/duckdb.ts'
import { literal } from '../lake/sql/quote.ts'
import type { ObjectStore } from '../lake/store/object-store.ts'
import { withLeases } from '../lake/store/with-leases.ts'
import { type BronzeDeps, bronzeSelect, dayOf, isEventFile } from './bronze-files.ts'
import type { FillContext, LandedArrivals } from './evidence.ts'
import { gatherEvidence } from './lookup.ts'
import type { SourcePolicies } from './places.ts'
import { inRanges, meets } from './progress/bronze-rows.ts'

export function landedArrivals(deps: {
  readonly engine: SqlEngine
  readonly store: ObjectStore
}): LandedArrivals {
  const { engine, store } = deps
  const reading = async <T>(table: DeltaTable, task: (deps: BronzeDeps) => Promise<T>) => {
    const read = () => withLeases(store, (objects) => task({ engine, store: objects }))
    const { version } = table
    return read().catch(async (error: unknown) => {
      // An erasure lets go of old files at once: what is known of the table may be out of date.
      await table.refresh()
      if (table.version === version) throw error
      return read()
    })
  }
  return {
    fillWindow: (table, context) => reading(table, (bronze) => fillWindow(bronze, table, context)),
    gatherEvidence: (table, asked) =>
      reading(table, (bronze) => gatherEvidence(bronze, table, asked)),
  }
}

/** The promise is that of `LandedArrivals`. */
export async function fillWindow(
  deps: BronzeDeps,
  table: DeltaTable,
  { window, policies, since, ranges, onRows }: FillContext,
): Promise<void> {
  const { engine, store } = deps
  const earliest = dayOf(since)
  const isIn = ranges === undefined ? () => true : meets(ranges)
  const isWanted = (file: DataFile) =>
    isEventFile(file) && (file.partitionValues['date'] ?? '') >= earliest && isIn(file)
  const rows = await bronzeSelect(store, table, isWanted)
  if (ranges === undefined) window.expect(await busiestDay(engine, rows))
  const scope = await scopeSql(engine, rows, policies)
  const partition = await partitionSql(engine, rows, window)
  const inPlace = ranges === undefined ? 'true' : inRanges(ranges)
  const read = (from: string, eventId: string, condition: string) => `
    SELECT ${keySql(scope, eventId)}, substr(body_sha256, 1, 12), substr(body_sha256, 13, 4),
      epoch_ms(received_at), position, (${partition})::UINTEGER
    FROM (${from}) WHERE outcome = 'event' AND ${inPlace} AND ${condition}`
  const remember = async (sql: string) => {
    const visit = rowsOf((some) => {
      window.setRows(some)
      return onRows?.(some)
    })
    await engine.eachChunkOfWords(sql, [4, 4, 4, 2, 2, 1], visit)
  }
  // Two streams of every other file: one alone keeps a single core busy.
  const streams = [0, 1].map(async (turn) => {
    const isMine = (file: DataFile, index: number) => isWanted(file) && index % 2 === turn
    const mine = await bronzeSelect(store, table, isMine)
    await remember(read(mine, 'event_id', "reason IS DISTINCT FROM 'observed_again'"))
  })
  await Promise.all(streams)
  // An observation that came again is filed under an id of its own, and found under its first one:
  // the latest counts.
  const again = read(rows, "regexp_replace(event_id, '@[0-9]+$', '')", "reason = 'observed_again'")
  await remember(`${again} ORDER BY received_at`)
}

/** Passes on, as rows of the window, what is read as above: word by word, in the same memory. */
function rowsOf(pass: (rows: Uint32Array) => Promise<void> | undefined) {
  let memory = new Uint32Array(0)
  return (columns: readonly Uint32Array[], count: number) => {
    const [keys = none, hashes = none, hashEnds = none] = columns
    const [times = none, positions = none, partitions = none] = columns.slice(3)
    if (memory.length < count * ROW_WORDS) memory = new Uint32Array(count * ROW_WORDS)
    for (let row = 0; row < count; row++) {
      const at = row * ROW_WORDS
      for (let word = 0; word < 3; word++) memory[at + word] = keys[4 * row + word] ?? 0
      memory[at + 3] = fourDigits(hashes, 4 * row + 1) * 2 ** 16 + fourDigits(hashes, 4 * row + 2)
      memory[at + 4] = fourDigits(hashes, 4 * row + 3) * 2 ** 16 + fourDigits(hashEnds, 4 * row + 1)
      const time = ((times[2 * row + 1] ?? 0) | 0) * 2 ** 32 + (times[2 * row] ?? 0)
      memory[at + 5] = Math.floor(time / 1000)
      memory[at + 6] = positions[2 * row] ?? 0
      memory[at + 7] = (positions[2 * row + 1] ?? 0) | (((partitions[row] ?? 0) + 1) << 16)
    }
    return pass(memory.subarray(0, count * ROW_WORDS))
  }
}

const none = new Uint32Array(0)

/** What the four hexadecimal digits say that are the word's letters, the lowest byte the first. */
function fourDigits(words: Uint32Array, at: number): number {
  const letters = words[at] ?? 0
  const digits = (letters & 0x0f0f0f0f) + 9 * ((letters >>> 6) & 0x01010101)
  const [first, second] = [digits & 15, (digits >>> 8) & 15]
  return (first << 12) | (second << 8) | ((digits >>> 12) & 0xf0) | (digits >>> 24)
}

/** The most events of a day, so that the window's tables need not grow to it step by step. */
async function busiestDay(engine: SqlEngine, rows: string): Promise<number> {
  const [row] = await engine.rows(
    `SELECT max(n)::DOUBLE AS n FROM (SELECT count(*) AS n FROM (${rows}) GROUP BY date)`,
  )
  return Number(row?.['n'] ?? 0)
}

/** The window's number for the partition of a row as SQL. */
async function partitionSql(
  engine: SqlEngine,
  rows: string,
  window: IdentityWindow,
): Promise<string> {
  const places = await engine.rows(
    `SELECT DISTINCT journal_id, journal_partition FROM (${rows}) WHERE outcome = 'event'`,
  )
  const cases = places.map((row) => {
    const [journalId, partition] = [String(row['journal_id']), String(row['journal_partition'])]
    const index = window.partitionIndex(journalId, partition)
    const isIt = `journal_id = ${literal(journalId)} AND journal_partition = ${literal(partition)}`
    return { index, sql: `WHEN ${isIt} THEN ${index}` }
  })
  const last = cases.pop()?.index ?? 0
  return cases.length === 0
    ? `${last}`
    : `CASE ${cases.map(({ sql }) => sql).join(' ')} ELSE ${last} END`
}

/** The scope of a row as SQL: its source's group, or the source itself. */
async function scopeSql(
  engine: SqlEngine,
  rows: string,
  policies: SourcePolicies,
): Promise<string> {
  const sources = await engine.rows(
    `SELECT DISTINCT source FROM (${rows}) WHERE source IS NOT NULL`,
  )
  const cases = sources.flatMap(({ source }) => {
    const name = String(source)
    const { scope } = policies(name)
    return scope === name ? [] : [`WHEN ${literal(name)} THEN ${literal(scope)}`]
  })
  return cases.length === 0 ? 'source' : `CASE source ${cases.join(' ')} ELSE source END`
}

/**
 * One batch on its way into `bronze.arrivals`: decide, write, commit, let go of the journal.
 *
 * Input guarantee: records are durable and at-least-once. Output guarantee: each position is a row
 * once, each event an `event` row once, published together with the position that the batch
 * reaches. What a crash does at each step:
 * - before the commit: nothing is visible; files in the making are vacuumed; the batch is read
 *   again
 * - after it: the next batch begins behind it
 * - after the commit, before the trim: the journal keeps what is landed until the next trim
 */
import type { Clock } from '../core/clock.ts'
import type { IdentityWindow } from '../dedup/identity-window.ts'
import type { CommitResult, NewFile } from '../lake/delta/commit.ts'
import type { DeltaTable } from '../lake/delta/delta-table.ts'
import { unreferencedFileRetentionMs } from '../lake/delta/vacuum.ts'
import type { ArrivalsWriter } from '../lake/parquet/arrivals-writer.ts'
import type { Arrival } from '../tables/arrivals.ts'
import { arrivalRows } from './arrival-row.ts'
import { type BodyMask, maskBatches, maskContents, withoutForeignHash } from './body-mask.ts'
import { Candidates } from './candidates.ts'
import { decideAll } from './decide.ts'
import { type Erasure, erasedRows, type WithoutErased } from './erase/tombstones.ts'
import { type Evidence, type LandedArrivals, noEvidence, type Questions } from './evidence.ts'
import { appId, type PartitionBatch, type SourcePolicies } from './places.ts'
import { furtherQuestions, questionsOf } from './questions.ts'

export interface LandingDeps {
  readonly landed: LandedArrivals
  readonly clock: Clock
  readonly table: DeltaTable
  readonly writer: ArrivalsWriter
  readonly window: IdentityWindow
  readonly policies: SourcePolicies
  /** How bodies are kept; null for as they came. */
  readonly bodyMask: BodyMask | null
  /** Who is kept out; null for nobody. */
  readonly erasure: Erasure | null
}

/** A batch that is decided and published, and only needs its commit. */
export interface Landing {
  readonly batches: readonly PartitionBatch[]
  readonly rows: readonly Arrival[]
  readonly files: readonly NewFile[]
  /** The version that the decisions rest on. */
  readonly rowsAsOf: number
}

export interface DecidedRows {
  readonly rows: readonly Arrival[]
  /** Rows for the window, once those of the lake have landed. */
  readonly identities: Uint32Array
}

/** May be called again for the same batch, whatever became of an earlier call. */
export async function decideRows(
  deps: LandingDeps,
  received: readonly PartitionBatch[],
): Promise<DecidedRows> {
  const { table, window, policies, landed, bodyMask: mask, erasure } = deps
  const { batches: present, erased } = erasure?.apply(received) ?? noneErased(received)
  const batches = mask === null ? present : maskBatches(present, mask)
  const candidates = new Candidates(batches, { window, policies })
  const ask = async (questions: Questions): Promise<Evidence> => {
    const { eventIds, places, contents } = questions
    if (eventIds.size + places.size + contents.size === 0) return noEvidence
    return landed.gatherEvidence(table, { questions, policies })
  }
  const first = await ask(questionsOf(candidates, window))
  const further = await ask(furtherQuestions(candidates, { window, evidence: first }))
  const events = new Map([...first.events, ...further.events])
  const { contents: kept } = further
  const contents = mask === null ? kept : maskContents(kept, mask)
  const evidence = { ...first, events, contents }
  const { verdicts, identities } = decideAll(candidates, { window, evidence })
  const asStored = erased.size === 0
  const decided = arrivalRows(batches, { verdicts, asStored, now: deps.clock.now() })
  const rows = erasedRows(decided, erased)
  return { rows: mask === null ? rows : rows.map(withoutForeignHash), identities }
}

function noneErased(batches: readonly PartitionBatch[]): WithoutErased {
  return { batches, erased: new Set() }
}

/** Files on their way to a commit, and when they were put there. */
export interface Published {
  readonly files: readonly NewFile[]
  readonly at: { readonly now: number; readonly elapsed: number }
}

export async function publishRows(
  { table, writer, clock }: LandingDeps,
  rows: readonly Arrival[],
): Promise<Published> {
  const at = { now: clock.now(), elapsed: clock.elapsed() }
  return { files: await table.publish(await writer.write(rows)), at }
}

/**
 * False once vacuum, here or in another process, might soon take the files for abandoned: by its
 * own clock, which may have been stepped.
 */
export function isFresh({ at }: Published, clock: Clock): boolean {
  const age = Math.max(Math.abs(clock.now() - at.now), clock.elapsed() - at.elapsed)
  return age < unreferencedFileRetentionMs / 4
}

export function commitLanding(deps: LandingDeps, landing: Landing): Promise<CommitResult> {
  const { batches, rows, files, rowsAsOf } = landing
  return deps.table.commit({
    operation: 'WRITE',
    adds: [...files],
    txns: batches.map((batch) => ({ appId: appId(batch), from: batch.from, to: batch.to })),
    rowsAsOf,
    metrics: landingMetrics(rows, deps.clock.now()),
  })
}

/**
 * True when the lake already stands where the landing would bring it: its commit was heard of late.
 */
export function hasLanded(table: DeltaTable, landing: Landing): boolean {
  return landing.batches.every((batch) => table.txn(appId(batch)) === batch.to)
}

/** Counts by outcome, and how long arrivals waited, for `status` and for people. */
export function landingMetrics(rows: readonly Arrival[], now: number): Record<string, number> {
  const counts = { event: 0, duplicate: 0, dead_letter: 0, note: 0 }
  let oldest = now
  for (const row of rows) {
    counts[row.outcome]++
    if (row.receivedAt < oldest) oldest = row.receivedAt
  }
  return {
    numOutputRows: rows.length,
    numEvents: counts.event,
    numDuplicates: counts.duplicate,
    numDeadLetters: counts.dead_letter,
    numNotes: counts.note,
    longestWaitMs: now - oldest,
  }
}

/**
 * A process that writes a table: commits of rows as the loader makes them, and upkeep, in the order
 * that a seed has, until its disk is gone. What it is told goes into the truth.
 */
import type { Files } from '../../src/core/files.ts'
import type { Random } from '../../src/core/random.ts'
import { readCheckpoint } from '../../src/lake/delta/checkpoint.ts'
import type { Change, CommitResult } from '../../src/lake/delta/commit.ts'
import {
  type DeltaTable,
  openDeltaTable,
  type TableDeps,
  type WrittenFile,
} from '../../src/lake/delta/delta-table.ts'
import { openFolderStore, scratchFolder } from '../../src/lake/store/folder-store.ts'
import type { ObjectStore } from '../../src/lake/store/object-store.ts'
import { Upkeep } from '../../src/lake/upkeep.ts'
import type { Table } from '../../src/tables/table.ts'
import type { MovableClock } from '../support/clock.ts'
import { lineEngine, writeUnsynced } from '../support/line-engine.ts'
import { type LakeTruth, MARK, type Place } from './lake-truth.ts'
import { ignoreRefusal, untilDone } from './refusal.ts'

export const lakeRoot = '/data/lake'
const HOUR_MS = 3_600_000
const appIds = ['inlet/journal/gateway-0', 'inlet/journal/gateway-1']
const smallLimits = { targetSize: 4000, smallFiles: 3, settledFiles: 2, settledAfterMs: HOUR_MS }

export const positions: Table = {
  name: 'test.positions',
  description: 'Positions of journals.',
  row: 'a position',
  partitionedBy: ['day'],
  columns: ['day', 'appId', 'position', 'padding'].map((name) => ({
    name,
    type: 'VARCHAR',
    description: name,
    personal: false,
    statistics: false,
  })),
}

export interface LakeProcessDeps {
  readonly files: Files
  readonly clock: MovableClock
  readonly random: Random
  readonly truth: LakeTruth
}

export interface LakeProcess extends TableDeps {
  readonly files: Files
  readonly clock: MovableClock
  readonly truth: LakeTruth
  readonly upkeep: Upkeep
}

export async function startLakeProcess(deps: LakeProcessDeps): Promise<LakeProcess> {
  const folder = await openFolderStore(deps, { root: lakeRoot })
  const store: ObjectStore = deps.truth.watch(folder, deps.files)
  const engine = lineEngine(deps.files)
  const upkeep = new Upkeep({ ...deps, store, engine }, { scratch: scratchFolder(lakeRoot) })
  return { ...deps, store, upkeep, readCheckpoint: (path) => readCheckpoint(engine, path) }
}

/** Ends by an error: every call fails once the process is gone. */
export async function work(deps: LakeProcessDeps, how: { alone: boolean }): Promise<never> {
  const process = await untilDone(() => startLakeProcess(deps))
  const open = async () => {
    const opened = await openDeltaTable(process, positions)
    deps.truth.see(opened)
    return opened
  }
  for (let table = await untilDone(open); ; ) {
    // A clock that leaps while others are between two calls would be processes that hang for days.
    if (how.alone) leap(process)
    if (deps.random.below(10) === 0) table = await untilDone(open)
    await step(process, table)
  }
}

function leap({ random, clock }: LakeProcess) {
  const hours = [0.01, 0.2, 2, 13, 30][random.below(15)]
  if (hours !== undefined) clock.advance(hours * HOUR_MS)
}

async function step(process: LakeProcess, table: DeltaTable): Promise<void> {
  const { upkeep, truth } = process
  const kind = process.random.below(12)
  if (kind < 7) return await write(process, table)
  const tasks = [
    () => table.refresh(),
    () => upkeep.compact(table, { limits: smallLimits }),
    () => upkeep.checkpoint(table),
    () => upkeep.cleanLog(table),
    () => upkeep.vacuum(table),
  ]
  // Upkeep that fails is tried again another time.
  await tasks[kind - 7]?.().catch(ignoreRefusal)
  truth.see(table)
}

/** As the loader lands a batch: a commit that rejects may have landed, which the table knows. */
async function write(process: LakeProcess, table: DeltaTable): Promise<void> {
  const { random, truth } = process
  const appId = appIds[random.below(appIds.length)] ?? ''
  const from = table.txn(appId)
  const to = (from ?? 0) + 1 + random.below(4)
  const places = Array.from({ length: to - (from ?? 0) }, (_, index) => ({
    appId,
    position: (from ?? 0) + index,
  }))
  const adds = await untilDone(async () => table.publish(await writeFiles(process, places)))
  const mark = random.uuid()
  const change: Change = {
    operation: 'WRITE',
    adds,
    txns: [{ appId, from, to }],
    metrics: { [MARK]: mark },
  }
  const result = await untilDone(() => land(table, change))
  if (result?.kind === 'committed') truth.commit(result.version, mark)
  truth.see(table)
}

/** Null where the table tells that the change has landed. */
async function land(table: DeltaTable, change: Change): Promise<CommitResult | null> {
  try {
    return await table.commit(change)
  } catch (error) {
    await table.refresh()
    if (change.txns?.every(({ appId, to }) => table.txn(appId) === to)) return null
    throw error
  }
}

async function writeFiles(
  { files, random }: LakeProcess,
  places: readonly Place[],
): Promise<WrittenFile[]> {
  const written: WrittenFile[] = []
  const days = Map.groupBy(places, () => `2026-01-0${1 + random.below(3)}`)
  for (const [day, rows] of days) {
    const padding = 'x'.repeat(random.below(600))
    const lines = rows.map((row) => `${JSON.stringify({ ...row, padding })}\n`)
    const bytes = Buffer.from(lines.join(''))
    const localPath = `${scratchFolder(lakeRoot)}/${random.uuid()}.parquet`
    await writeUnsynced(files, localPath, bytes)
    const { length: size } = bytes
    written.push({ localPath, partitionValues: { day }, rows: rows.length, size, stats: null })
  }
  return written
}

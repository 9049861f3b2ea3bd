/**
 * Erases whoever asks for it, and exports what there is of them.
 *
 * First of all there is a tombstone, a note of the operator's: what comes from then on is kept
 * without them. All that is there then goes by ../loader/erase/erase.ts.
 *
 * Limits: a backup is not reached. What comes of them later stands in the journal until that lets
 * go of what has landed, which another erasure does not wait for.
 */
import type { DuckDBConnection } from '@duckdb/node-api'
import { InletError } from '../core/errors.ts'
import type { DeltaTable } from '../lake/delta/delta-table.ts'
import { tableSelect } from '../lake/sql/table-view.ts'
import { withLeases } from '../lake/store/with-leases.ts'
import {
  type BringForward,
  type EraseDeps,
  type Erased,
  eraseSubject,
  wouldErase,
} from '../loader/erase/erase.ts'
import { readErasedPlaces } from '../loader/erase/erase-arrivals.ts'
import { findRows } from '../loader/erase/find-rows.ts'
import { isNamedBy, type Seek, seekFor } from '../loader/erase/seek.ts'
import { SUBJECT_ERASED } from '../loader/erase/tombstones.ts'
import { appId } from '../loader/places.ts'
import { idOf, type Subject, type SubjectKind, subjectOf, tombstoneOf } from '../privacy/subject.ts'
import { arrivals } from '../tables/arrivals.ts'
import { users } from '../tables/names.ts'
import type { Table } from '../tables/table.ts'
import type { Config } from './config/schema.ts'
import { type ErasedSink, eraseInSinks, sinksToErase } from './erase-sinks.ts'
import { openPartitions } from './journal-access.ts'
import { type OpenLake, openLakeAt } from './lake-access.ts'
import { type LoaderRoleDeps, openLoaderRole } from './loader-role.ts'
import { recordDecisions } from './operator-journal.ts'
import { type Privacy, requirePrivacy } from './privacy-policy.ts'
import { openLiveSchemas } from './schemas/live.ts'

export interface SubjectText {
  readonly kind: SubjectKind
  readonly text: string
}

export interface EraseReport extends Erased {
  readonly kind: SubjectKind
  readonly dryRun: boolean
  readonly sinks: readonly ErasedSink[]
}

/** Rejects with INL_PRV_SUBJECT or INL_PRV_KEY_NEEDED before anything is done. */
export async function erase(
  deps: LoaderRoleDeps,
  config: Config,
  asked: SubjectText & { readonly dryRun: boolean; readonly onFile: () => void },
): Promise<EraseReport> {
  const privacy = await requirePrivacy(config, deps.secretSource)
  const subject = subjectIn(privacy, asked)
  const { kind } = subject
  const { dryRun, onFile } = asked
  if (dryRun) {
    const sought = { privacy, subject }
    const found = await inLake(deps, config, (lake) => lookFor({ ...lake, onFile }, sought))
    return { kind, dryRun, ...found, sinks: sinksToErase(config) }
  }
  const [key] = privacy.keys
  if (key === undefined) throw new InletError('INL_PRV_KEY_NEEDED')
  const detail = { kind, digest: tombstoneOf(subject, key).digest }
  await recordDecisions(deps, { config }, [{ reason: SUBJECT_ERASED, detail }])
  return beside(deps, config, (bring) =>
    inLake(deps, config, async (lake) => {
      const seek = await lake.seek({ privacy, subject })
      const erased = await eraseSubject({ ...lake, onFile }, bring, seek)
      if (config.sinks.length === 0) return { kind, dryRun, ...erased, sinks: [] }
      const places = await readErasedPlaces(lake.engine)
      const sinks = await eraseInSinks(deps, config, { places, id: idOf(subject) })
      return { kind, dryRun, ...erased, sinks }
    }),
  )
}

async function lookFor(lake: LakeToErase, sought: Sought): Promise<Erased> {
  return wouldErase(lake, await lake.seek(sought))
}

/**
 * Each row of bronze that names them, whole, and each of the names of users that they are told by,
 * one JSON text each: all else is made of these.
 */
export async function exportSubject(
  deps: LoaderRoleDeps,
  config: Config,
  asked: SubjectText & { readonly write: (line: string) => void },
): Promise<number> {
  const privacy = await requirePrivacy(config, deps.secretSource)
  const subject = subjectIn(privacy, asked)
  return inLake(deps, config, async (opened) => {
    const sought = await opened.seek({ privacy, subject })
    const arrived = rowsOf(opened, arrivals, async (connection, select) =>
      (await findRows(connection, select, sought)).map(({ row }) => row),
    )
    const named = rowsOf(opened, users, async (connection, select) => {
      const all = (await connection.runAndReadAll(select)).getRowObjectsJS()
      const isTheirs = (row: (typeof all)[number]) =>
        [row['id'], row['name'], row['email']].some(
          (value) => typeof value === 'string' && isNamedBy(sought, value),
        )
      return all.filter(isTheirs).map((row) => ({ table: users.name, ...row }))
    })
    let count = 0
    for (const rows of [arrived, named])
      for await (const row of rows) {
        asked.write(`${JSON.stringify(row, printable)}\n`)
        count++
      }
    return count
  })
}

/** What `find` gives of each file of a table; nothing where there is none. */
async function* rowsOf(
  { lake, engine, store }: LakeToErase,
  definition: Table,
  find: (connection: DuckDBConnection, select: string) => Promise<readonly object[]>,
): AsyncGenerator<object> {
  const table = await lake.find(definition)
  for (const { key } of table?.snapshot().files ?? [])
    yield* await withLeases(store, async ({ localPath }) => {
      const select = tableSelect(definition, [await localPath(`${table?.key}/${key}`)])
      return engine.use((connection) => find(connection, select))
    })
}

function printable(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value
}

interface Sought {
  readonly privacy: Privacy
  readonly subject: Subject
}

function subjectIn({ policy }: Privacy, { kind, text }: SubjectText): Subject {
  const subject = subjectOf(kind, text, policy.normal)
  if (subject === null) throw new InletError('INL_PRV_SUBJECT', { kind })
  return subject
}

/** A loader of its own, which brings forward what is asked for and nothing else. */
async function beside<T>(
  deps: LoaderRoleDeps,
  config: Config,
  task: (bring: BringForward) => Promise<T>,
): Promise<T> {
  const role = await openLoaderRole(deps, config, {
    acceptGaps: [],
    isOnce: true,
    command: 'erase',
  })
  try {
    return await task({
      bronze: () => role.loader.flush(),
      silver: () => role.silver.flush(),
      gold: () => role.gold.flush(),
    })
  } finally {
    for (const component of role.components) await component.stop()
  }
}

interface LakeToErase extends EraseDeps {
  /** By the schemas that the loader has: what it keeps of a repeated delivery must be the same. */
  readonly seek: (sought: Sought) => Promise<Seek>
}

async function inLake<T>(
  deps: LoaderRoleDeps,
  config: Config,
  task: (lake: LakeToErase) => Promise<T>,
): Promise<T> {
  const opened: OpenLake = await openLakeAt(deps, config)
  try {
    return await task({
      ...deps,
      ...opened,
      upkeep: opened.lake.upkeep,
      journal: config.journal.dir,
      landedIn: (bronze) => landedIn(deps, config.journal.dir, bronze),
      async seek({ privacy: { policy, keys }, subject }) {
        const schemas = await openLiveSchemas({ ...deps, ...opened }, config)
        return seekFor(subject, { policy, keys, schemas })
      },
    })
  } finally {
    opened.close()
  }
}

async function landedIn(
  deps: LoaderRoleDeps,
  dir: string,
  bronze: DeltaTable,
): Promise<Map<string, number>> {
  const landed = new Map<string, number>()
  for (const reader of await openPartitions(deps, dir)) {
    landed.set(reader.partition, bronze.txn(appId(reader)) ?? 0)
    await reader.close()
  }
  return landed
}

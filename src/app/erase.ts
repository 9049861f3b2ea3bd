/**
 * Erases whoever asks for it, and exports what there is of them.
 *
 * In this order, so that a crash at any step is mended by running it again:
 * 1. a tombstone, a note of the operator's, and all that is durable landed: what comes from then on
 *    is kept without them
 * 2. bronze, file by file, then silver and gold by the places that were found; old files, and the
 *    log that told bounds of their ids, go at once
 * 3. the journal, of what has landed
 *
 * Limits: sinks are not followed. What a locked bucket keeps is named. A backup is not reached.
 * What comes of them later stands in the journal until that lets go of what has landed.
 */
import { InletError } from '../core/errors.ts'
import { listPartitionFolders } from '../journal/segment/layout.ts'
import type { DeltaTable } from '../lake/delta/delta-table.ts'
import { tableSelect } from '../lake/sql/table-view.ts'
import {
  countArrivals,
  type ErasedArrivals,
  eraseArrivals,
} from '../loader/erase/erase-arrivals.ts'
import { eraseDerived } from '../loader/erase/erase-derived.ts'
import { eraseJournal } from '../loader/erase/erase-journal.ts'
import { findRows } from '../loader/erase/find-rows.ts'
import type { KeptObject, RewriteDeps } from '../loader/erase/rewrite.ts'
import { type Seek, seekFor } from '../loader/erase/seek.ts'
import { SUBJECT_ERASED } from '../loader/erase/tombstones.ts'
import { appId } from '../loader/places.ts'
import { type Subject, type SubjectKind, subjectOf, tombstoneOf } from '../privacy/subject.ts'
import { arrivals } from '../tables/arrivals.ts'
import { lakeTables } from '../tables/lake-tables.ts'
import type { Config } from './config/schema.ts'
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

export interface EraseReport {
  readonly kind: SubjectKind
  readonly dryRun: boolean
  readonly arrivals: Pick<ErasedArrivals, 'rows' | 'outcomes' | 'files' | 'conversations'>
  /** Files written again, by table. */
  readonly tables: Readonly<Record<string, number>>
  readonly journalRecords: number
  /** Objects that their store keeps. */
  readonly kept: readonly KeptObject[]
}

/** Rejects with INL_PRV_SUBJECT or INL_PRV_KEY_NEEDED before anything is done. */
export async function erase(
  deps: LoaderRoleDeps,
  config: Config,
  asked: SubjectText & { readonly dryRun: boolean },
): Promise<EraseReport> {
  const privacy = await requirePrivacy(config, deps.secretSource)
  const subject = subjectIn(privacy, asked)
  if (asked.dryRun) return dryRun(deps, config, { privacy, subject })
  const [key] = privacy.keys
  if (key === undefined) throw new InletError('INL_PRV_KEY_NEEDED')
  const { kind, digest } = tombstoneOf(subject, key)
  const detail = { kind, digest }
  await recordDecisions(deps, { config }, [{ reason: SUBJECT_ERASED, detail }])
  await landAll(deps, config)
  const lake = await openLakeAt(deps, config)
  try {
    const seek = await seekIn(deps, config, { privacy, subject, lake })
    return await eraseIn(deps, { config, lake, seek })
  } finally {
    lake.close()
  }
}

/** Each row of bronze that names them, whole, one JSON text each. */
export async function exportSubject(
  deps: LoaderRoleDeps,
  config: Config,
  asked: SubjectText & { readonly write: (line: string) => void },
): Promise<number> {
  const privacy = await requirePrivacy(config, deps.secretSource)
  const subject = subjectIn(privacy, asked)
  const lake = await openLakeAt(deps, config)
  try {
    const seek = await seekIn(deps, config, { privacy, subject, lake })
    const table = await lake.lake.find(arrivals)
    let count = 0
    await lake.engine.use(async (connection) => {
      for (const { key } of table?.snapshot().files ?? []) {
        const path = await lake.store.localPath(`${table?.key}/${key}`)
        for (const { row } of await findRows(connection, tableSelect(arrivals, [path]), seek)) {
          asked.write(`${JSON.stringify(row, printable)}\n`)
          count++
        }
      }
    })
    return count
  } finally {
    lake.close()
  }
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

/** By the schemas that the loader has: what it keeps of a repeated delivery must be the same. */
async function seekIn(
  deps: LoaderRoleDeps,
  config: Config,
  { privacy, subject, lake }: Sought & { readonly lake: OpenLake },
): Promise<Seek> {
  const schemas = await openLiveSchemas({ ...deps, ...lake }, config)
  return seekFor(subject, { policy: privacy.policy, schemas })
}

async function dryRun(deps: LoaderRoleDeps, config: Config, sought: Sought): Promise<EraseReport> {
  const lake = await openLakeAt(deps, config)
  try {
    const seek = await seekIn(deps, config, { ...sought, lake })
    const table = await lake.lake.find(arrivals)
    const found = table === null ? nothing : await countArrivals(lake, table, seek)
    return reportOf(seek, { found, dryRun: true, tables: {}, journalRecords: 0, kept: [] })
  } finally {
    lake.close()
  }
}

const nothing: ErasedArrivals = { rows: 0, outcomes: {}, files: 0, conversations: 0, kept: [] }

async function landAll(deps: LoaderRoleDeps, config: Config): Promise<void> {
  const { loader, components } = await openLoaderRole(deps, config, { acceptGaps: [] })
  try {
    await loader.flush()
  } finally {
    for (const component of components) await component.stop()
  }
}

async function eraseIn(
  deps: LoaderRoleDeps,
  { config, lake, seek }: { config: Config; lake: OpenLake; seek: Seek },
): Promise<EraseReport> {
  const rewriting: RewriteDeps = { ...deps, ...lake, upkeep: lake.lake.upkeep }
  const table = await lake.lake.table(arrivals)
  const found = await eraseArrivals(rewriting, table, seek)
  const tables: Record<string, number> = { [arrivals.name]: found.files }
  const kept = [...found.kept]
  for (const definition of lakeTables) {
    if (definition === arrivals) continue
    const derived = await lake.lake.find(definition)
    if (derived === null) continue
    const rewritten = await eraseDerived(rewriting, derived, seek.subject)
    tables[definition.name] = rewritten.files
    kept.push(...rewritten.kept)
  }
  const journalRecords = await eraseInJournal(deps, { config, table, seek })
  return reportOf(seek, { found, dryRun: false, tables, journalRecords, kept })
}

async function eraseInJournal(
  deps: LoaderRoleDeps,
  { config, table, seek }: { config: Config; table: DeltaTable; seek: Seek },
): Promise<number> {
  const { files } = deps
  const { dir } = config.journal
  const landed = new Map<string, number>()
  const readers = await openPartitions(deps, dir)
  for (const reader of readers) {
    landed.set(reader.partition, table.txn(appId(reader)) ?? 0)
    await reader.close()
  }
  let records = 0
  for (const name of await listPartitionFolders(files, dir)) {
    // What was set aside is landed under another journal, and read by nobody.
    const below = landed.get(name) ?? Number.POSITIVE_INFINITY
    const erased = await eraseJournal({ files, folder: `${dir}/${name}`, landed: below }, seek)
    records += erased.records + erased.copies
  }
  return records
}

function reportOf(
  { subject }: Seek,
  { found, ...rest }: Omit<EraseReport, 'kind' | 'arrivals'> & { found: ErasedArrivals },
): EraseReport {
  const { rows, outcomes, files, conversations } = found
  return { kind: subject.kind, ...rest, arrivals: { rows, outcomes, files, conversations } }
}

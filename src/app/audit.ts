/**
 * The audit of a configuration: of its lake, and of what its journal let go of that the lake does
 * not have, as where `lake.url` names another lake than the journal landed in.
 */
import type { JournalReader } from '../journal/journal.ts'
import type { DeltaTable } from '../lake/delta/delta-table.ts'
import {
  type AuditOptions,
  type AuditReport,
  audit,
  type Missing,
  nothingAudited,
} from '../loader/audit.ts'
import { appId } from '../loader/places.ts'
import type { Config } from './config/schema.ts'
import { goneFrom, type Held, heldPositions, openPartitions } from './journal-access.ts'
import { findArrivals, openLakeAt } from './lake-access.ts'
import type { Machine } from './machine.ts'
import { sourceScopes } from './source-rules.ts'

export async function auditLake(
  machine: Machine,
  config: Config,
  asked: Pick<AuditOptions, 'most' | 'onProgress'>,
): Promise<AuditReport> {
  const held = await heldPartitions(machine, config)
  const lake = await openLakeAt(machine, config)
  try {
    const table = await findArrivals(lake)
    const scopes = new Map(sourceScopes(config).map(({ name, scope }) => [name, scope]))
    const areMasked = config.privacy.bronze === 'masked'
    const options = { ...asked, scopes, areMasked }
    const report = table === null ? nothingAudited : await audit(lake, table, options)
    const gone = missingOf(held, table)
    if (gone.length === 0) return report
    return { ...report, clean: false, missing: [...gone, ...report.missing] }
  } finally {
    lake.close()
  }
}

type HeldPartition = Pick<JournalReader, 'journalId' | 'partition'> & { readonly held: Held }

async function heldPartitions(machine: Machine, { journal }: Config): Promise<HeldPartition[]> {
  const readers = await openPartitions(machine, journal.dir)
  try {
    const found = await heldPositions(machine.files, journal.dir, readers)
    return readers.map(({ journalId, partition }) => {
      return { journalId, partition, held: found.get(partition) ?? { first: 0, gaps: [] } }
    })
  } finally {
    for (const reader of readers) await reader.close()
  }
}

/** What partitions do not hold any more, behind what has landed of them. */
function missingOf(partitions: readonly HeldPartition[], table: DeltaTable | null): Missing[] {
  return partitions.flatMap(({ held, ...place }) =>
    goneFrom(held, table?.txn(appId(place)) ?? 0).map((gap) => ({ ...place, ...gap })),
  )
}

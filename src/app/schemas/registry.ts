/**
 * The registry of a configuration: what Inlet knows itself, the files of the operator, and what was
 * approved, which stands in the lake.
 *
 * The loader goes by what has landed (`openLandedRegistry`). Commands also see what is durable and
 * has not landed yet (`openRegistry`), so that an approval builds on the one before.
 */

import { operatorPartition } from '../../journal/command-partitions.ts'
import type { DeltaTable } from '../../lake/delta/delta-table.ts'
import { type LandedDeps, landedNotes } from '../../loader/landed-notes.ts'
import {
  approvalReason,
  conflictsOf,
  inOrder,
  readApproval,
  type SchemaConflict,
} from '../../schemas/approval.ts'
import { readSchemaFolder, type SchemaFile } from '../../schemas/folder.ts'
import {
  type Approval,
  openSchemas,
  type RegisteredSchema,
  type Schemas,
} from '../../schemas/registry.ts'
import { builtInSeed } from '../../schemas/seed/seed.ts'
import type { Config } from '../config/schema.ts'
import { nullIfMissing, openReadableLake } from '../lake-access.ts'
import type { Machine } from '../machine.ts'
import { waitingNotes } from '../waiting-notes.ts'

export interface Registry {
  readonly schemas: Schemas
  /** Where a file and the lake say different things under one number; the lake holds. */
  readonly conflicts: readonly SchemaConflict[]
  /** Approvals that are durable and have not landed. */
  readonly waiting: number
}

const question = { reason: approvalReason, partition: operatorPartition }

/** As the loader judges: with the approvals that stand in the table, which may be null. */
export async function openLandedRegistry(
  deps: LandedDeps & Pick<Machine, 'files'>,
  { schemas: { dir } }: Pick<Config, 'schemas'>,
  table: DeltaTable | null,
): Promise<Schemas> {
  return landedRegistry(deps, await readSchemaFolder(deps.files, dir), table)
}

/** The same, with files that have been read. */
export async function landedRegistry(
  deps: LandedDeps,
  files: readonly SchemaFile[],
  table: DeltaTable | null,
): Promise<Schemas> {
  const landed = table === null ? [] : await landedNotes(deps, table, question)
  const own = files.map(({ approval }) => approval)
  return openSchemas(builtInSeed(), inOrder(own, approvalsIn(landed)))
}

/** Works without a lake too. */
export async function openRegistry(machine: Machine, config: Config): Promise<Registry> {
  const files = await readSchemaFolder(machine.files, config.schemas.dir)
  const own = files.map(({ approval }) => approval)
  const { landed, waiting } = await readApprovals(machine, config)
  const approved = approvalsIn([...landed, ...waiting])
  return {
    schemas: openSchemas(builtInSeed(), inOrder(own, approved)),
    conflicts: conflictsOf([...own, ...approved]),
    waiting: waiting.length,
  }
}

async function readApprovals(machine: Machine, config: Config) {
  const lake = await openReadableLake(machine, config).catch(nullIfMissing)
  try {
    const table = lake?.table ?? null
    const notes = await waitingNotes(
      machine,
      { journal: config.journal, table },
      { reasons: new Set([approvalReason]), partitions: new Set([operatorPartition]) },
    )
    // What the journal let go of before it was read has landed since the table was.
    await table?.refresh()
    const landed = lake === null || table === null ? [] : await landedNotes(lake, table, question)
    const known = new Set(landed)
    const waiting = notes.map(({ detail }) => detail).filter((detail) => !known.has(detail))
    return { landed, waiting }
  } finally {
    lake?.close()
  }
}

/** What operators have put in force. */
export function approvedOf({ all }: Schemas): readonly RegisteredSchema[] {
  return all.filter(({ origin }) => origin === 'approved')
}

/** A note that says something else is nobody's approval. */
function approvalsIn(details: readonly string[]): Approval[] {
  return details.map(readApproval).filter((one) => one !== null)
}

/** The audit of a configuration's lake. */
import { type AuditReport, audit } from '../loader/audit.ts'
import type { Config } from './config/schema.ts'
import { findArrivals, openLakeAt } from './lake-access.ts'
import type { Machine } from './machine.ts'
import { sourceScopes } from './source-rules.ts'

/** A lake in which nothing has landed yet is clean. */
export const nothingAudited: AuditReport = {
  clean: true,
  acknowledged: 0,
  events: 0,
  duplicates: 0,
  deadLetters: 0,
  notes: 0,
  filtered: 0,
  shed: 0,
  refused: 0,
  erased: 0,
  retired: 0,
  missing: [],
  repeated: [],
  bodyMismatches: 0,
}

export async function auditLake(
  machine: Machine,
  config: Config,
  most: number,
): Promise<AuditReport> {
  const lake = await openLakeAt(machine, config)
  try {
    const table = await findArrivals(lake)
    if (table === null) return nothingAudited
    const scopes = new Map(sourceScopes(config).map(({ name, scope }) => [name, scope]))
    return await audit(lake, table, { scopes, most })
  } finally {
    lake.close()
  }
}

/** The audit of a configuration's lake. */
import { type AuditReport, audit, nothingAudited } from '../loader/audit.ts'
import type { Config } from './config/schema.ts'
import { findArrivals, openLakeAt } from './lake-access.ts'
import type { Machine } from './machine.ts'
import { sourceScopes } from './source-rules.ts'

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

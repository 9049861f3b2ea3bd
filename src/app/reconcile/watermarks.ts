/** Up to when organisations were compared with Genesys Cloud, as gold knows it. */
import { watermarksIn } from '../../loader/gold/watermarks.ts'
import { conversations } from '../../tables/gold.ts'
import type { Config } from '../config/schema.ts'
import type { ReadableLake } from '../lake-access.ts'
import type { Machine } from '../machine.ts'
import type { ReconciliationStatus } from '../status.ts'
import { findTable } from './lake-knowledge.ts'

/** By the id of the organisation, ms since the epoch. */
export async function watermarksOf(
  machine: Machine,
  lake: Pick<ReadableLake, 'engine' | 'store'>,
): Promise<ReadonlyMap<string, number>> {
  const table = await findTable(machine, lake, conversations)
  return watermarksIn(table?.state.txns ?? new Map())
}

/** Of the organisations of the configuration that were compared. */
export async function reconciliationStatus(
  machine: Machine,
  lake: ReadableLake,
  { orgs }: Pick<Config, 'orgs'>,
): Promise<ReconciliationStatus[]> {
  const watermarks = await watermarksOf(machine, lake)
  return orgs.flatMap(({ name, orgId }) => {
    const at = watermarks.get(orgId)
    return at === undefined ? [] : [{ org: name, completeTo: new Date(at).toISOString() }]
  })
}

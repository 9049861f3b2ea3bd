/**
 * The registry of a loader while it runs: an approval holds from the slice on that comes after it
 * has landed. The files of the operator are read once, at the start.
 */

import { operatorPartition } from '../../journal/command-partitions.ts'
import type { DeltaTable } from '../../lake/delta/delta-table.ts'
import { mayHoldText } from '../../lake/delta/statistics.ts'
import type { Lake } from '../../lake/lake.ts'
import type { LandedDeps } from '../../loader/landed-notes.ts'
import { readSchemaFolder } from '../../schemas/folder.ts'
import type { Schemas } from '../../schemas/registry.ts'
import { arrivals } from '../../tables/arrivals.ts'
import type { Config } from '../config/schema.ts'
import type { Machine } from '../machine.ts'
import { landedRegistry } from './registry.ts'

export interface LiveSchemas extends Pick<Schemas, 'isKnown' | 'takesText'> {
  /** With every approval that bronze holds, as it was last read. */
  current(): Promise<Schemas>
}

export interface LiveDeps extends LandedDeps, Pick<Machine, 'files'> {
  readonly lake: Lake
}

/** Rejects with INL_SCH_FILE and INL_SCH_CONFLICT. */
export async function openLiveSchemas(
  deps: LiveDeps,
  { schemas: { dir } }: Pick<Config, 'schemas'>,
): Promise<LiveSchemas> {
  const files = await readSchemaFolder(deps.files, dir)
  const bronze = await deps.lake.find(arrivals)
  let read = noteFiles(bronze)
  let schemas = await landedRegistry(deps, files, bronze)
  return {
    isKnown: (topic, path) => schemas.isKnown(topic, path),
    takesText: (topic, path) => schemas.takesText(topic, path),
    async current() {
      const table = await deps.lake.table(arrivals)
      const now = noteFiles(table)
      if (now === read) return schemas
      schemas = await landedRegistry(deps, files, table)
      read = now
      return schemas
    },
  }
}

/** Tells by their names whether files that may hold decisions have come or gone. */
function noteFiles(table: DeltaTable | null): string {
  const files = table?.snapshot().files ?? []
  return files
    .filter(
      ({ partitionValues, stats }) =>
        partitionValues['outcome'] === 'note' &&
        mayHoldText(stats, 'journal_partition', operatorPartition),
    )
    .map(({ key }) => key)
    .sort()
    .join('\n')
}

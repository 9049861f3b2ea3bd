/** Silver over a real lake, with rows that are made in the plainest way. */
import { nodeFiles } from '../../src/core/node-files.ts'
import { systemRandom } from '../../src/core/random.ts'
import type { ObjectStore } from '../../src/lake/store/object-store.ts'
import type { Layer } from '../../src/loader/progress/layer-loop.ts'
import type { EventSlice, SilverRows } from '../../src/loader/silver/event-slice.ts'
import { openSilver } from '../../src/loader/silver/silver.ts'
import type { SliceLimits } from '../../src/loader/silver/silver-rounds.ts'
import type { EventFields, EventName } from '../../src/observe/events.ts'
import { agentStates, otherEvents, violations } from '../../src/tables/silver.ts'
import type { Table } from '../../src/tables/table.ts'
import type { TestLake } from './lake.ts'

/** The column of a table as SQL on the slice; null for what the slice does not tell. */
function plainRows(table: Table, { relation }: EventSlice, where: string): string {
  const known = new Set(
    ['event_id', 'org_id', 'source', 'event_type', 'event_time', 'received_at', 'dialect'].concat([
      'conversation_id',
      'journal_id',
      'journal_partition',
      'position',
      'topic',
      'body',
    ]),
  )
  const columns = table.columns.map(({ name, type }) => {
    if (name === 'date') return 'event_time::DATE AS date'
    return known.has(name) ? name : `NULL::${type} AS ${name}`
  })
  return `SELECT ${columns.join(', ')} FROM ${relation} WHERE ${where}`
}

/**
 * Of every event a row in `silver.other_events`, with what DuckDB makes of its body; of every
 * second position one in `silver.agent_states`.
 */
export const plainSilver: SilverRows = {
  tables: [otherEvents, agentStates, violations],
  async statements(slice) {
    const body = "(body::JSON->>'$.text')"
    const others = plainRows(otherEvents, slice, 'true').replace(' body,', ` ${body} AS body,`)
    return {
      prepare: [],
      statements: [
        { table: otherEvents, select: others },
        { table: agentStates, select: plainRows(agentStates, slice, 'position % 2 = 0') },
      ],
      discard: [],
    }
  },
}

export interface TestSilver {
  readonly silver: Layer
  readonly told: readonly { readonly event: EventName; readonly fields: EventFields }[]
}

export function openTestSilver(
  lake: TestLake,
  change: { rows?: SilverRows; store?: ObjectStore; limits?: SliceLimits } = {},
): TestSilver {
  const told: { event: EventName; fields: EventFields }[] = []
  const { rows = plainSilver, limits } = change
  const silver = openSilver(
    {
      ...lake,
      files: nodeFiles,
      random: systemRandom,
      observer: (event, fields = {}) => told.push({ event, fields }),
      rows,
    },
    { everyMs: 1000, scratch: lake.scratch, ...(limits && { limits }) },
  )
  return { silver, told }
}

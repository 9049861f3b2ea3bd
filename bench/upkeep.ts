/**
 * What compaction costs and leaves: small commits of real rows, and the real upkeep beside them as
 * often as a loader runs it. Told are the bytes rewritten for each byte ingested, and the most live
 * files of a date and outcome.
 *
 *   node bench/upkeep.ts --commits 3000
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Arrival, arrivals } from '../src/tables/arrivals.ts'
import { entryOf, openBench, sampleBodies } from './bronze.ts'
import { formatRow, type Row } from './row.ts'

const ROWS_A_COMMIT = 100
/** A minute of commits every five seconds. */
const COMMITS_A_ROUND = 12

export async function benchUpkeep(commits: number): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'inlet-bench-'))
  const place = { dir: join(folder, 'journal'), partition: 'gateway-0' }
  const { lake, close } = await openBench(folder, place)
  try {
    const table = await lake.table(arrivals)
    const writer = await lake.arrivalsWriter()
    let [ingested, rewritten, mostFiles] = [0, 0, 0]
    for (let commit = 0; commit < commits; commit++) {
      const files = await table.publish(await writer.write(rowsOf(commit * ROWS_A_COMMIT)))
      await table.commit({ operation: 'WRITE', adds: files })
      ingested += files.reduce((sum, { size }) => sum + size, 0)
      if (commit % COMMITS_A_ROUND > 0) continue
      const { compactedBytes } = await lake.upkeep.compact(table)
      rewritten += compactedBytes
      mostFiles = Math.max(mostFiles, table.snapshot().files.length)
    }
    return [
      { ...row('bytes rewritten for each ingested', rewritten / ingested), owed: { atMost: 4 } },
      { ...row('live files of a date and outcome', mostFiles), owed: { atMost: 128 } },
      row('commits', commits),
    ]
  } finally {
    close()
    await rm(folder, { recursive: true, force: true })
  }
}

function rowsOf(first: number): Arrival[] {
  return Array.from(sampleBodies(ROWS_A_COMMIT, first), (body, index) => ({
    ...entryOf(body).envelope,
    outcome: 'event',
    reason: null,
    detail: null,
    firstPosition: null,
    journalId: '00000000-0000-4000-8000-000000000000',
    journalPartition: 'gateway-0',
    position: first + index,
  }))
}

function row(what: string, value: number): Row {
  return { what, value, unit: '', owed: null }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { commits: { type: 'string', default: '3000' } } })
  const rows = await benchUpkeep(Number(values.commits))
  for (const each of rows) console.log(formatRow(each))
  console.log(JSON.stringify(rows))
}

/**
 * A lake that is compacted without a pause, as a child process that gives way as a loader does.
 * Its first message ends that: it then tells how many files went into compactions.
 */
import { link } from 'node:fs/promises'
import { join } from 'node:path'
import { giveWay } from '../src/core/give-way.ts'
import { systemRandom } from '../src/core/random.ts'
import { arrivals } from '../src/tables/arrivals.ts'
import { openBench } from './bronze.ts'
import { writeEvents } from './restart.ts'

/** What a compaction makes one file of. */
const SMALL_FILES = 64
const ROWS_OF_SMALL = 20_000

giveWay()
const [, , folder = ''] = process.argv
const stopping = new AbortController()
const { signal } = stopping
for (const told of ['message', 'disconnect']) process.once(told, () => stopping.abort())

const { lake, engine, scratch, close } = await openBench(folder, {
  dir: join(folder, 'journal'),
  partition: 'gateway-0',
})
const table = await lake.table(arrivals)
const rows = { first: 0, rows: ROWS_OF_SMALL, daysAgo: 0 }
const small = await writeEvents(engine, join(folder, 'small.parquet'), rows)
process.send?.('ready')
let files = 0
while (!signal.aborted) {
  const added = Array.from({ length: SMALL_FILES }, () => {
    return { ...small, localPath: join(scratch, `${systemRandom.uuid()}.parquet`) }
  })
  for (const { localPath } of added) await link(small.localPath, localPath)
  await table.commit({ operation: 'WRITE', adds: await table.publish(added) })
  files += (await lake.upkeep.compact(table, { signal })).compactedFiles
}
close()
process.send?.(files)

/**
 * Small lakes of bronze, each in a state of the log that a run may meet, and one with partition
 * values that mean something to somebody: `node states.ts FOLDER`.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { nodeFiles } from '../../../src/core/node-files.ts'
import { seededRandom } from '../../../src/core/random.ts'
import { tableKey } from '../../../src/lake/delta/delta-table.ts'
import { openQuery } from '../../../src/lake/query.ts'
import { writeParquet } from '../../../src/lake/sql/parquet-writer.ts'
import type { Arrival } from '../../../src/tables/arrivals.ts'
import { arrivals } from '../../../src/tables/arrivals.ts'
import { hostileTable, hostileValues } from '../../support/hostile-table.ts'
import { arrival, openTestLake, sqlOptions, type TestLake } from '../../support/lake.ts'
import { tellExpected } from './expected.ts'

const [folder = ''] = process.argv.slice(2)
const dayMs = 86_400_000

/** Rows of every outcome over three days, some with bodies that are no text. */
const mixed = (from: number, to: number): Arrival[] =>
  Array.from({ length: to - from }, (_, index) => {
    const position = from + index
    const receivedAt = Date.UTC(2026, 0, 1, 12) + (position % 3) * dayMs + position
    if (position % 5 === 1)
      return arrival(position, { receivedAt, outcome: 'duplicate', body: null, firstPosition: 0 })
    if (position % 5 === 2) {
      const body = Buffer.from([0, 0xff, position % 256, 0xc3, 0x28])
      return arrival(position, { receivedAt, outcome: 'dead_letter', body, reason: 'not_utf8' })
    }
    const eventId = `${position}-${'long '.repeat(20)}😀`
    return arrival(position, { receivedAt, eventId, eventTime: position % 7 ? receivedAt : null })
  })

const states: Readonly<Record<string, (lake: TestLake) => Promise<void>>> = {
  async fresh(lake) {
    await loadInSteps(lake, 0, 40)
  },
  async checkpointed(lake) {
    await loadInSteps(lake, 0, 40)
    await lake.lake.upkeep.checkpoint(lake.table)
    await loadInSteps(lake, 40, 60)
  },
  async compacted(lake) {
    await loadInSteps(lake, 0, 200)
    const limits = { targetSize: 2 ** 20, smallFiles: 4, settledFiles: 4, settledAfterMs: dayMs }
    const { compactedFiles } = await lake.lake.upkeep.compact(lake.table, { limits })
    if (compactedFiles === 0) throw new Error('nothing was compacted')
    await loadInSteps(lake, 200, 220)
    await lake.lake.upkeep.checkpoint(lake.table)
  },
  async cleaned(lake) {
    await loadInSteps(lake, 0, 100)
    await lake.lake.upkeep.checkpoint(lake.table)
    await loadInSteps(lake, 100, 140)
    const [log] = (await lake.store.list('bronze/arrivals/_delta_log/')).toReversed()
    lake.clock.advance((log?.modifiedAt ?? 0) - lake.clock.now() + 2 * dayMs)
    if ((await lake.lake.upkeep.cleanLog(lake.table)) === 0) throw new Error('no log was cleaned')
  },
  async hostile(lake) {
    const texts = ['\0', '\ud800', "'", '"', '\\', '\u2028', '{"a":[', 'é😀', '', ' ']
    await lake.load(
      texts.map((text, position) =>
        arrival(position, { eventId: text, topic: text, body: Buffer.from(text) }),
      ),
    )
    await writeHostileTable(lake)
  },
}

async function loadInSteps(lake: TestLake, from: number, to: number) {
  for (let at = from; at < to; at += 10) await lake.load(mixed(at, Math.min(at + 10, to)))
}

async function writeHostileTable(lake: TestLake) {
  const table = await lake.lake.table(hostileTable)
  const deps = { engine: lake.engine, files: nodeFiles, random: seededRandom(9) }
  for (const [n, kind] of [...hostileValues, null].entries()) {
    const partitionValues = { kind, day: '2026-01-01' }
    const select = `SELECT ${n}::BIGINT AS n`
    const job = { table: hostileTable, select, partitionValues, folder: lake.scratch }
    const adds = await table.publish([await writeParquet(deps, job)])
    await table.commit({ operation: 'WRITE', adds })
    if (n === 20) await lake.lake.upkeep.checkpoint(table)
  }
}

for (const [name, make] of Object.entries(states)) {
  const root = join(folder, name)
  await mkdir(root)
  const lake = await openTestLake({ root })
  await make(lake)
  for (const table of name === 'hostile' ? [arrivals, hostileTable] : [arrivals]) {
    const options = { ...sqlOptions(lake.root), tables: [table], views: [] }
    const session = await openQuery({ store: lake.store }, options)
    const { version } = await lake.lake.table(table)
    const place = join(root, tableKey(table))
    await tellExpected(folder, session, { lake: name, table: table.name, place, version })
    session.close()
  }
  await lake.dispose()
}
console.log(`written: ${Object.keys(states).join(', ')}`)

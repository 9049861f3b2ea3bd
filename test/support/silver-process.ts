/**
 * A process that brings the silver of a lake to where its bronze stands, and ends. A body that
 * holds `kills` ends it at once, as a crash of DuckDB does.
 *
 *   node silver-process.ts <root of the lake> <positions of a slice>
 */
import type { SilverRows } from '../../src/loader/silver/event-slice.ts'
import { openTestLake } from './lake.ts'
import { openTestSilver, plainSilver } from './silver-rounds.ts'

const killable: SilverRows = {
  ...plainSilver,
  async statements(slice) {
    const found = await slice.engine.rows(
      `SELECT 1 FROM ${slice.relation} WHERE contains(body, 'kills')`,
    )
    if (found.length > 0) process.kill(process.pid, 'SIGKILL')
    return await plainSilver.statements(slice)
  },
}

const [root = '', positions = '50'] = process.argv.slice(2)
const lake = await openTestLake({ root, seed: process.pid })
const limits = { positions: Number(positions), bytes: 2 ** 20 }
await openTestSilver(lake, { rows: killable, limits }).silver.flush()
await lake.dispose()

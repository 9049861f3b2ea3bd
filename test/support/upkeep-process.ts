/**
 * A process that compacts, checkpoints and vacuums the bronze of a lake again and again, until it
 * is killed; or `rounds` times.
 *
 *   node upkeep-process.ts <root of the lake> [<rounds>]
 */
import { openTestLake } from './lake.ts'

const [root = '', rounds = 'Infinity'] = process.argv.slice(2)
const { lake, table, dispose } = await openTestLake({ root, seed: process.pid })
const limits = { targetSize: 2 ** 18, smallFiles: 3, settledFiles: 3, settledAfterMs: 86_400_000 }
for (let round = 0; round < Number(rounds); round++) {
  await table.refresh()
  await lake.upkeep.compact(table, { limits })
  await lake.upkeep.checkpoint(table)
  await lake.upkeep.vacuum(table)
}
await dispose()

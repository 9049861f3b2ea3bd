/**
 * A process that lands events in a lake and keeps a copy of the identity window until it is killed.
 * It writes a line for each step.
 *
 *   node window-process.ts <root of the lake>
 */
import { openKeptWindow } from './kept-window.ts'
import { arrivalRange, openTestLake } from './lake.ts'

const lake = await openTestLake({ root: process.argv[2] ?? '', seed: process.pid })
for (;;) {
  const kept = await openKeptWindow(lake)
  process.stdout.write('opened\n')
  for (let commits = 0; commits < 15; commits++) {
    const next = Math.max(0, ...lake.table.snapshot().txns.values())
    await kept.land(arrivalRange(next, next + 9))
    process.stdout.write('landed\n')
  }
  await kept.close()
}

/** The thread behind ./run-histories.ts. */
import { parentPort, workerData } from 'node:worker_threads'
import type { History } from './history.ts'
import type { HistoriesReport, HistoriesTask } from './run-histories.ts'

const { module, name, count }: HistoriesTask = workerData
const exported: Record<string, History | undefined> = await import(module)
parentPort?.postMessage(await run(exported[name]))

async function run(history: History | undefined): Promise<HistoriesReport> {
  if (history === undefined) throw new TypeError(`${module} exports no ${name}`)
  let crashes = 0
  let promises = 0
  for (let seed = 1; seed <= count; seed++) {
    const report = await history(seed)
    crashes += report.crashes
    promises += report.promises
    if (report.faults.length > 0) return { ...report, crashes, promises, failed: seed }
  }
  return { faults: [], crashes, promises, failed: null }
}

/**
 * Runs many histories in a thread of their own: the test runner follows each promise of its own
 * thread, which would more than double what they cost.
 */
import { Worker } from 'node:worker_threads'
import type { HistoryReport } from './history.ts'

export interface HistoriesTask {
  /** The URL of a module, and the name of the `History` that it exports. */
  readonly module: string
  readonly name: string
  /** Seeds 1 to this. */
  readonly count: number
}

export interface HistoriesReport extends HistoryReport {
  /** The first seed with faults, or null. */
  readonly failed: number | null
}

/** Ends at the first seed with faults. */
export function runHistories(task: HistoriesTask): Promise<HistoriesReport> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./histories-thread.ts', import.meta.url), {
      workerData: task,
    })
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`the thread ended with ${code}`)))
  })
}

/** What this process costs, as Node tells it when it is asked. */
import { performance } from 'node:perf_hooks'
import type { Measured } from '../observe/metrics.ts'

export const processMeter: Measured = {
  measure(reading) {
    const { rss, heapUsed } = process.memoryUsage()
    const { user, system } = process.cpuUsage()
    const busyMs = performance.eventLoopUtilization().active
    reading.number('inlet_process_resident_bytes', rss, {})
    reading.number('inlet_process_heap_bytes', heapUsed, {})
    reading.number('inlet_process_cpu_seconds_total', (user + system) / 1e6, {})
    reading.number('inlet_process_busy_seconds_total', busyMs / 1000, {})
    const startedAt = performance.timeOrigin / 1000
    reading.number('inlet_process_start_timestamp_seconds', startedAt, {})
  },
}

/** What a measured server tells its parent: its port, and what it has cost so far. */

export interface Usage {
  /** Of the whole process, kernel time included, microseconds. */
  readonly cpuMicros: number
  readonly systemMicros: number
  readonly rssBytes: number
}

/** Answers every message with the usage; ends the process when the parent disconnects. */
export function serveParent(port: number, dispose: () => Promise<void> = async () => {}): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    const usage: Usage = {
      cpuMicros: user + system,
      systemMicros: system,
      rssBytes: process.memoryUsage.rss(),
    }
    process.send?.(usage)
  })
  process.on('disconnect', () => void dispose().finally(() => process.exit()))
  process.send?.(port)
}

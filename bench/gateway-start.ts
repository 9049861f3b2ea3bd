/**
 * How long a gateway takes until it answers, behind a journal that is full of what has not landed.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../src/core/clock.ts'
import { freePort } from '../src/core/free-port.ts'
import { startInlet } from '../test/system/inlet-process.ts'
import { fillJournal, sampleBodies } from './bronze.ts'

const STARTS = 5
const POLL_MS = 5

export interface GatewayStartFigures {
  readonly journalMiB: number
  /** From the start of the process to its first answer, ms. */
  readonly acceptingMs: { readonly median: number; readonly all: readonly number[] }
}

export async function benchGatewayStart(events: number): Promise<GatewayStartFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'inlet-bench-'))
  try {
    const bytes = await fillJournal(
      { dir: join(folder, 'journal'), partition: 'gateway-0' },
      sampleBodies(events),
    )
    const all: number[] = []
    for (let start = 0; start < STARTS; start++) all.push(await timeStart(folder))
    all.sort((a, b) => a - b)
    return {
      journalMiB: Math.round(bytes / 2 ** 20),
      acceptingMs: { median: all[Math.floor(STARTS / 2)] ?? 0, all },
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function timeStart(folder: string): Promise<number> {
  const port = await freePort()
  const config = join(folder, 'inlet.yaml')
  await writeFile(
    config,
    `listen: { host: 127.0.0.1, port: ${port} }
sources: [{ name: bench, path: /events, auth: none }]
journal: { dir: ./journal, minFree: 1MiB, ephemeral: true }
lake: { url: ./lake }
`,
  )
  const began = systemClock.elapsed()
  const inlet = startInlet(['gateway', '--config', config])
  for (;;) {
    const isUp = await fetch(`http://127.0.0.1:${port}/healthz`).then(
      (answer) => answer.ok,
      () => false,
    )
    if (isUp) break
    if (inlet.child.exitCode !== null) throw new Error(inlet.stderr())
    await systemClock.sleep(POLL_MS)
  }
  const took = Math.round(systemClock.elapsed() - began)
  inlet.signal('SIGTERM')
  await inlet.ended
  return took
}

if (import.meta.main) {
  const events = Number(process.argv[2] ?? 300_000)
  console.log(JSON.stringify(await benchGatewayStart(events)))
}

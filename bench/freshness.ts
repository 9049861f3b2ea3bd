/**
 * How long an event waits for its row: journal and loader at 5,000 events a second, from receipt to
 * the commit that holds it. Then an outage: the loader begins behind a backlog while events go on
 * coming, and how much faster than they come it lands them is told.
 *
 *   node bench/freshness.ts --seconds 30 --backlog 500000
 *
 * The writing is part of this process, so that both share one event loop: more than a loader beside
 * its gateways has to bear.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '../src/core/clock.ts'
import type { EventEntry } from '../src/journal/entry.ts'
import type { JournalWriter } from '../src/journal/journal.ts'
import { entryOf, fillJournal, openBench, openBenchWriter, sampleBodies } from './bronze.ts'
import { formatRow, type Row } from './row.ts'

const RATE = 5000
const COMMIT_EVERY_S = 5
const STEP_MS = 20
const BACKLOG_EVENTS = 500_000

export interface FreshnessPlan {
  readonly seconds: number
  /** Events that wait when the lake is there again. */
  readonly backlog: number
}

export async function benchFreshness({ seconds, backlog }: FreshnessPlan): Promise<Row[]> {
  const fresh = await pace({ seconds, backlog: 0 })
  const waits = fresh.waits.sort()
  const late = await pace({ seconds: COMMIT_EVERY_S, backlog })
  return [
    row(`at ${RATE} events/s, receipt to committed row, p50`, quantile(waits, 0.5), 's'),
    {
      ...row(`at ${RATE} events/s, receipt to committed row, p99`, quantile(waits, 0.99), 's'),
      owed: { atMost: COMMIT_EVERY_S + 2 },
    },
    row(`landed behind a backlog of ${backlog}`, late.rate, 'events/s'),
    {
      ...row('catching up, to the rate at which events come', late.rate / RATE, 'times'),
      owed: { atLeast: 3 },
    },
    row('peak memory of writer and loader', process.resourceUsage().maxRSS / 1024, 'MiB'),
  ]
}

/** Events come for `seconds`; ends once all have landed. */
async function pace(plan: FreshnessPlan): Promise<{ waits: Float64Array; rate: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'inlet-bench-'))
  const place = { dir: join(folder, 'journal'), partition: 'gateway-0' }
  if (plan.backlog > 0) await fillJournal(place, sampleBodies(plan.backlog))
  const received: number[] = Array.from({ length: plan.backlog }, () => Number.NaN)
  const waits: number[] = []
  const started = performance.now()
  let landed = 0
  let caughtUp = 0
  const { loader, close } = await openBench(folder, place, (name, details) => {
    if (name !== 'loader_committed') return
    const now = systemClock.now()
    for (const end = landed + Number(details?.['rows']); landed < end; landed++) {
      const at = received[landed] ?? Number.NaN
      if (!Number.isNaN(at)) waits.push((now - at) / 1000)
    }
    if (landed >= plan.backlog && caughtUp === 0) caughtUp = performance.now() - started
  })
  const writer = await openBenchWriter(place)
  try {
    await loader.start(new AbortController().signal)
    await write(writer, { ...plan, received })
    await loader.flush()
    await loader.stop()
    if (landed !== received.length) throw new Error(`${landed} of ${received.length} events landed`)
    return { waits: Float64Array.from(waits), rate: (1000 * plan.backlog) / caughtUp }
  } finally {
    await writer.close()
    close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** As many as are due, every few milliseconds; a late one counts from when it was due. */
async function write(
  writer: JournalWriter,
  { seconds, received }: FreshnessPlan & { received: number[] },
): Promise<void> {
  const began = systemClock.now()
  const source = sampleBodies(seconds * RATE, received.length)
  for (let sent = 0; sent < seconds * RATE; ) {
    const due = Math.min(seconds * RATE, Math.floor(((systemClock.now() - began) * RATE) / 1000))
    const group: EventEntry[] = []
    while (sent + group.length < due) {
      const { value } = source.next()
      if (value === undefined) break
      group.push(entryOf(value))
    }
    if (group.length > 0) {
      for (let n = 0; n < group.length; n++) received.push(began + (1000 * (sent + n)) / RATE)
      sent += group.length
      await writer.append(group)
    }
    await systemClock.sleep(STEP_MS)
  }
}

function quantile(sorted: Float64Array, part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0
}

function row(what: string, value: number, unit: string): Row {
  return { what, value, unit, owed: null }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '30' },
      backlog: { type: 'string', default: String(BACKLOG_EVENTS) },
    },
  })
  const plan = { seconds: Number(values.seconds), backlog: Number(values.backlog) }
  const rows = await benchFreshness(plan)
  for (const each of rows) console.log(formatRow(each))
  console.log(JSON.stringify(rows))
}

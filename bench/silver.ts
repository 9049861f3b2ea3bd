/**
 * Journal to silver: CPU of the loader's own process for each event, all threads counted, masked,
 * judged and watched for drift, to committed rows. First of what a lake gets, told in several
 * dialects, then of detail events of the bus alone; and by sample, the statements alone, without
 * masks. A loader runs for weeks: other events are brought to silver unmeasured before.
 */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silverRows } from '../src/app/silver-rows.ts'
import { systemClock } from '../src/core/clock.ts'
import { nodeFiles } from '../src/core/node-files.ts'
import { systemRandom } from '../src/core/random.ts'
import { frame } from '../src/event/frame.ts'
import { recognise } from '../src/event/recognise.ts'
import { openSqlEngine, type SqlEngine } from '../src/lake/sql/duckdb.ts'
import { literal } from '../src/lake/sql/quote.ts'
import { DriftWatch } from '../src/loader/silver/drift-watch.ts'
import type { Masks } from '../src/loader/silver/masks.ts'
import { openSilver } from '../src/loader/silver/silver.ts'
import { silverStatements } from '../src/loader/silver/statements.ts'
import { PrivacyKey } from '../src/privacy/key.ts'
import { compilePolicy } from '../src/privacy/policy.ts'
import { openSchemas } from '../src/schemas/registry.ts'
import { builtInSeed } from '../src/schemas/seed/seed.ts'
import { conversationEvents } from '../src/tables/silver.ts'
import { fillJournal, openBench, sampleBodies } from './bronze.ts'
import { toldBodies } from './told.ts'

const MIB = 2 ** 20
const warmUpEvents = 30_000
const watched = { violationRate: 0.01, nullRate: 0.05, windowMs: 600_000 }

export interface SilverFigures {
  readonly events: number
  readonly cpuSeconds: number
  readonly wallSeconds: number
  readonly eventsPerCpuSecond: number
}

export interface JournalToSilver {
  readonly events: number
  readonly bytesPerEvent: number
  /** From the journal to silver, bronze included. */
  readonly eventsPerCpuSecond: number
  /** From the journal to bronze, and from there to silver. */
  readonly bronzeEventsPerCpuSecond: number
  readonly silverEventsPerCpuSecond: number
  readonly wallSeconds: number
  readonly peakMemoryMiB: number
}

/** `bodies` gives so many, no two of them with one identity. */
export async function benchSilver(
  events: number,
  bodies: (count: number, seed: number) => Iterable<Buffer>,
): Promise<JournalToSilver> {
  await bringToSilver(warmUpEvents, bodies(warmUpEvents, 1))
  return bringToSilver(events, bodies(events, 2))
}

async function bringToSilver(events: number, bodies: Iterable<Buffer>): Promise<JournalToSilver> {
  const folder = await mkdtemp(join(tmpdir(), 'inlet-bench-'))
  try {
    const place = { dir: join(folder, 'journal'), partition: 'gateway-0' }
    const bytes = await fillJournal(place, bodies)
    const { lake, loader, store, engine, scratch, close } = await openBench(folder, place)
    const toBronze = await measured(events, () => loader.flush())
    await loader.stop()
    const policy = compilePolicy({ rules: [], key: new PrivacyKey('of a run'), country: null })
    const seeded = openSchemas(builtInSeed())
    const schemas = Object.assign(seeded, { current: async () => seeded })
    const drift = new DriftWatch({ clock: systemClock, observer: () => {} }, watched)
    const onSlice: DriftWatch['saw'] = (topics, columns) => drift.saw(topics, columns)
    const rows = silverRows({ policy, schemas, onSlice })
    const deps = { files: nodeFiles, clock: systemClock, random: systemRandom, observer: () => {} }
    const silver = openSilver({ ...deps, lake, store, engine, rows }, { everyMs: 60_000, scratch })
    const toSilver = await measured(events, () => silver.flush())
    const table = await lake.table(conversationEvents)
    const [landed] = table.snapshot().txns.values()
    close()
    if (landed !== events) throw new Error(`${landed} of ${events} events landed`)
    const cpuSeconds = toBronze.cpuSeconds + toSilver.cpuSeconds
    return {
      events,
      bytesPerEvent: Math.round(bytes / events),
      eventsPerCpuSecond: Math.round(events / cpuSeconds),
      bronzeEventsPerCpuSecond: toBronze.eventsPerCpuSecond,
      silverEventsPerCpuSecond: toSilver.eventsPerCpuSecond,
      wallSeconds: toBronze.wallSeconds + toSilver.wallSeconds,
      peakMemoryMiB: Math.round(process.resourceUsage().maxRSS / 1024),
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measured(events: number, task: () => Promise<unknown>): Promise<SilverFigures> {
  const [cpu, wall] = [process.cpuUsage(), performance.now()]
  await task()
  const used = process.cpuUsage(cpu)
  const wallSeconds = (performance.now() - wall) / 1000
  const cpuSeconds = (used.user + used.system) / 1e6
  return { events, cpuSeconds, wallSeconds, eventsPerCpuSecond: Math.round(events / cpuSeconds) }
}

const samples = [
  'constructed/eventbridge-voice-conversation.ndjson',
  'constructed/websocket-notifications.ndjson',
  'constructed/guide-a.ndjson',
  'constructed/guide-b.ndjson',
  'analytics/conversation1.json',
]

const unmasked: Masks = {
  mask: (_, expression) => expression,
  maskList: (_, expression) => expression,
  maskJson: (_, expression) => expression,
}

/** The statements alone, on the events of one sample again and again. */
export async function benchStatements(sample: string, events: number): Promise<SilverFigures> {
  const folder = join(tmpdir(), 'inlet-bench-silver')
  const engine = await openSqlEngine({ memoryLimit: 1024 * MIB, threads: 1, folder })
  try {
    await fillBatch(engine, sample, events)
    return await measured(events, () => silverStatements({ engine, relation: 'batch' }, unmasked))
  } finally {
    engine.close()
  }
}

async function fillBatch(engine: SqlEngine, sample: string, events: number): Promise<void> {
  const body = readFileSync(new URL(`../samples/${sample}`, import.meta.url))
  const { elements } = frame(body, (value, slice) =>
    recognise(value, slice, { eventTypes: new Set() }),
  )
  const found = elements.flatMap((element) => {
    if (element.kind !== 'object') return []
    return [{ ...element.value, body: Buffer.from(element.slice).toString('utf8') }]
  })
  const text = (value: string | null) => (value === null ? 'NULL::VARCHAR' : literal(value))
  const rows = found.map(
    (one) => `(${text(one.dialect)}, ${text(one.topic)},
    ${text(one.eventType)}, ${text(one.conversationId)}, ${text(one.body)},
    make_timestamptz(${one.eventTime ?? 'NULL'}::BIGINT * 1000))`,
  )
  await engine.run(`CREATE TABLE batch AS SELECT uuid()::VARCHAR AS event_id,
      NULL::VARCHAR AS org_id, 'genesys-prod' AS source, event_time, now() AS received_at,
      dialect, topic, event_type, conversation_id, body, 'journal' AS journal_id,
      'gateway-0' AS journal_partition, row_number() OVER () AS position
    FROM range(${Math.ceil(events / found.length)}),
      (VALUES ${rows.join(', ')})
        AS told(dialect, topic, event_type, conversation_id, body, event_time)
    LIMIT ${events}`)
}

if (import.meta.main) {
  const events = Number(process.argv[2] ?? 100_000)
  const told = await benchSilver(events, toldBodies)
  const details = await benchSilver(events, sampleBodies)
  const statements: Record<string, number> = {}
  for (const sample of samples)
    statements[sample] = (await benchStatements(sample, events)).eventsPerCpuSecond
  console.log(JSON.stringify({ told, details, statements }))
}

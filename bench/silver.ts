/**
 * Bronze to silver: CPU of the loader's own process for each event, all threads counted. The whole
 * of it, with masks, Parquet and commits; and by sample, the statements alone, without masks.
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
import type { Masks } from '../src/loader/silver/masks.ts'
import { openSilver } from '../src/loader/silver/silver.ts'
import { silverStatements } from '../src/loader/silver/statements.ts'
import { PrivacyKey } from '../src/privacy/key.ts'
import { compilePolicy } from '../src/privacy/policy.ts'
import { openSchemas } from '../src/schemas/registry.ts'
import { builtInSeed } from '../src/schemas/seed/seed.ts'
import { conversationEvents } from '../src/tables/silver.ts'
import { fillJournal, openBench } from './bronze.ts'

const MIB = 2 ** 20

export interface SilverFigures {
  readonly events: number
  readonly cpuSeconds: number
  readonly wallSeconds: number
  readonly eventsPerCpuSecond: number
}

/** Detail events of the bus, by far the most of what a lake gets, to committed rows. */
export async function benchSilver(events: number, isMasked = true): Promise<SilverFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'inlet-bench-'))
  try {
    const place = { dir: join(folder, 'journal'), partition: 'gateway-0' }
    await fillJournal(place, events)
    const { lake, loader, store, engine, scratch, close } = await openBench(folder, place)
    await loader.flush()
    await loader.stop()
    const rules = isMasked ? [] : [{ field: '*', action: 'keep' } as const]
    const policy = compilePolicy({ rules, key: new PrivacyKey('of a measurement'), country: null })
    const seeded = openSchemas(builtInSeed())
    const schemas = Object.assign(seeded, { current: async () => seeded })
    const rows = silverRows({ policy, schemas })
    const deps = { files: nodeFiles, clock: systemClock, random: systemRandom, observer: () => {} }
    const silver = openSilver({ ...deps, lake, store, engine, rows }, { everyMs: 60_000, scratch })
    const figures = await measured(events, () => silver.flush())
    const table = await lake.table(conversationEvents)
    const [landed] = table.snapshot().txns.values()
    close()
    if (landed !== events) throw new Error(`${landed} of ${events} events landed`)
    return figures
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
  const found = frame(body).elements.flatMap((element) => {
    if (element.kind !== 'object') return []
    const known = recognise(element.value, element.slice, { eventTypes: new Set() })
    return [{ ...known, body: Buffer.from(element.slice).toString('utf8') }]
  })
  const text = (value: string | null) => (value === null ? 'NULL' : literal(value))
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
  const events = Number(process.argv[2] ?? 200_000)
  for (const sample of samples)
    console.log(sample, JSON.stringify(await benchStatements(sample, events)))
  console.log('kept', JSON.stringify(await benchSilver(events, false)))
  console.log('masked', JSON.stringify(await benchSilver(events)))
}

/**
 * What things cost as the lake grows: lakes of 1, 10 and 30 million events, a million a day, take
 * turns, and ratios to the first are taken turn by turn. Told are the CPU of landing an event, of a
 * commit that brings little, of a checkpoint, and of the audit for each million that it looks at.
 *
 *   node bench/growth.ts --days 1,10,30
 *
 * What lands is told at once, as events mostly are: it asks the lake nothing.
 */
import { link, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '../src/core/clock.ts'
import { systemRandom } from '../src/core/random.ts'
import type { WrittenFile } from '../src/lake/delta/delta-table.ts'
import { openSqlEngine } from '../src/lake/sql/duckdb.ts'
import { audit } from '../src/loader/audit.ts'
import { arrivals } from '../src/tables/arrivals.ts'
import { fillJournal, openBench, sampleBodies } from './bronze.ts'
import { writeEvents } from './restart.ts'
import { formatRow, median, type Row } from './row.ts'

const MIB = 2 ** 20
const EVENTS_A_DAY = 1_000_000
const TURNS = 3
/** Of a turn, in one commit. */
const EVENTS = 50_000
/** Of a turn as well. */
const SMALL_COMMITS = 10
const EVENTS_OF_SMALL = 20

export async function benchGrowth(days: readonly number[]): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'inlet-bench-'))
  try {
    const files = await writeDays(folder, Math.max(...days))
    const lakes: GrownLake[] = []
    for (const count of days) lakes.push(await openGrown(folder, files.slice(0, count)))
    const turns: Turn[][] = []
    for (let turn = 0; turn <= TURNS; turn++) {
      const taken: Turn[] = []
      for (const lake of lakes) taken.push(await takeTurn(lake, turn))
      // The first one opens the lakes, and compiles what is run.
      if (turn > 0) turns.push(taken)
    }
    const rows: Row[] = []
    for (const [index, lake] of lakes.entries()) {
      const name = `${days[index]} million events`
      rows.push(
        ...rowsOf(
          name,
          turns.map((taken) => [taken[index], taken[0]] as const),
        ),
      )
      rows.push(...(await upkeepRows(name, lake)))
    }
    for (const lake of lakes) await lake.close()
    return rows
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A file of a million events for each day, the latest first. */
async function writeDays(folder: string, days: number): Promise<WrittenFile[]> {
  const engine = await openSqlEngine({ memoryLimit: 512 * MIB, threads: 2, folder })
  try {
    const files: WrittenFile[] = []
    for (let day = 0; day < days; day++) {
      const plan = { first: day * EVENTS_A_DAY, rows: EVENTS_A_DAY, daysAgo: day }
      files.push(await writeEvents(engine, join(folder, `${day}.parquet`), plan))
    }
    return files
  } finally {
    engine.close()
  }
}

type GrownLake = Awaited<ReturnType<typeof openGrown>>

async function openGrown(folder: string, files: readonly WrittenFile[]) {
  const own = join(folder, `of-${files.length}`)
  const place = { dir: join(own, 'journal'), partition: 'gateway-0' }
  const { lake, loader, engine, store, scratch, close } = await openBench(own, place)
  const table = await lake.table(arrivals)
  for (const file of files) {
    const localPath = join(scratch, `${systemRandom.uuid()}.parquet`)
    await link(file.localPath, localPath)
    await table.commit({ operation: 'WRITE', adds: await table.publish([{ ...file, localPath }]) })
  }
  const land = async (first: number, events: number) => {
    await fillJournal(place, bodiesOfNow(first, events))
    return cpuOf(() => loader.flush())
  }
  return {
    land,
    checkpoint: () => cpuOf(() => lake.upkeep.checkpoint(table)),
    audit: () => cpuOf(() => audit({ engine, store }, table, { scopes: new Map(), most: 1 })),
    events: files.length * EVENTS_A_DAY,
    async close() {
      await loader.stop()
      close()
    },
  }
}

/** Happened when they are told. */
function* bodiesOfNow(first: number, count: number): Generator<Buffer> {
  for (const body of sampleBodies(count, first)) {
    const now = systemClock.now()
    const text = body.toString().replace(/"eventTime": \d+/, `"eventTime": ${now}`)
    yield Buffer.from(text.replace(/"time": "[^"]*"/, `"time": "${new Date(now).toISOString()}"`))
  }
}

interface Turn {
  /** Microseconds. */
  readonly event: number
  /** Milliseconds. */
  readonly commit: number
}

async function takeTurn(lake: GrownLake, turn: number): Promise<Turn> {
  const first = turn * (EVENTS + SMALL_COMMITS * EVENTS_OF_SMALL)
  const event = (await lake.land(first, EVENTS)) / EVENTS
  const commits: number[] = []
  for (let n = 0; n < SMALL_COMMITS; n++)
    commits.push(await lake.land(first + EVENTS + n * EVENTS_OF_SMALL, EVENTS_OF_SMALL))
  return { event, commit: median(commits) / 1000 }
}

/** Each turn beside that of the first lake. */
function rowsOf(name: string, turns: readonly (readonly [Turn | undefined, Turn | undefined])[]) {
  const of = (what: keyof Turn) => turns.map(([own]) => own?.[what] ?? Number.NaN)
  const ratios = turns.map(([own, first]) => (own?.event ?? 0) / (first?.event ?? 0))
  const isFirst = turns.every(([own, first]) => own === first)
  const ratio = row(`${name}, to the smallest lake`, median(ratios), 'times')
  return [
    row(`${name}, CPU an event`, median(of('event')), 'us'),
    ...(isFirst ? [] : [{ ...ratio, owed: { atMost: 1.2 } }]),
    row(`${name}, CPU a commit of ${EVENTS_OF_SMALL} events`, median(of('commit')), 'ms'),
  ]
}

async function upkeepRows(name: string, lake: GrownLake): Promise<Row[]> {
  const checkpoint = await lake.checkpoint()
  const audited = await lake.audit()
  return [
    row(`${name}, CPU a checkpoint`, checkpoint / 1000, 'ms'),
    row(`${name}, CPU of the audit a million events`, audited / lake.events, 's'),
  ]
}

/** Microseconds of all threads. */
async function cpuOf(task: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await task()
  const { user, system } = process.cpuUsage(before)
  return user + system
}

function row(what: string, value: number, unit: string): Row {
  return { what, value, unit, owed: null }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { days: { type: 'string', default: '1,10,30' } } })
  const rows = await benchGrowth(values.days.split(',').map(Number))
  for (const each of rows) console.log(formatRow(each))
  console.log(JSON.stringify(rows))
}

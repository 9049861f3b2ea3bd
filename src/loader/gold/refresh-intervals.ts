/**
 * Keeps `gold.queue_intervals`, and finds the half hours that are to be counted again.
 *
 * What is new belongs to sessions. Every half hour in which such a session has a moment is counted
 * again, from all conversations that have a moment in it. So is every one that a watermark passes.
 *
 * Limit: of a conversation that has a moment in a half hour, what lies more than `AROUND_DAYS` away
 * from it is not read.
 */
import { queueIntervals } from '../../tables/gold.ts'
import { conversationDetails, conversationEvents } from '../../tables/silver.ts'
import { type Dated, marksAlone, movedWatermarks } from './follow-watermarks.ts'
import { halfHourSql } from './half-hours.ts'
import { type GoldOptions, queueIntervalsSql } from './queue-intervals.ts'
import type { GoldTable, Replacement } from './refresh.ts'
import { toldTables } from './refresh-conversations.ts'
import { durationSql, timeSql } from './sane.ts'
import { type Days, dayPlus, type Sources, work } from './sources.ts'

const AROUND_DAYS = 8

export const keptQueueIntervals: GoldTable = {
  table: queueIntervals,
  follows: toldTables.map(([, table]) => table),
  restsOn: ({ timeZone, serviceLevel, shortAbandonMs }) =>
    JSON.stringify([timeZone, [...serviceLevel].sort(), shortAbandonMs]),
  key: ['org_id', 'queue_id', 'media_type', 'interval_start'],
  refresh: refreshQueues,
}

async function refreshQueues(sources: Sources, options: GoldOptions): Promise<Replacement | null> {
  const { marks, passed, isBeyond } = await movedWatermarks(
    sources,
    halfHoursOf(keptQueueIntervals),
  )
  const touched = await touchedHalfHours(sources, { timeZone: options.timeZone, passed })
  if (touched === null) return marksAlone(sources, queueIntervals, marks)
  await sources.make(
    'fresh',
    `SELECT * REPLACE (provisional OR ${isBeyond} AS provisional)
      FROM (${touched.count(queueIntervalsSql(options))})`,
  )
  return { replaced: isTouchedHalfHour, days: touched.days, marks }
}

/** What is counted in a half hour is all here once a watermark has passed its end. */
export function halfHoursOf(golden: GoldTable): Dated {
  return { ...golden, column: 'interval_start', lastsMs: 1_800_000 }
}

/** A condition on rows with an `interval_start`. */
export const isTouchedHalfHour = `interval_start IN (SELECT interval_start FROM ${work('halves')})`

export interface TouchedHalfHours {
  /** Days, UTC, that the half hours begin on. */
  readonly days: readonly string[]
  /** The rows of those half hours, of a query over what was told. */
  count(sql: string): string
}

export interface ToCount {
  readonly timeZone: string
  /** SELECTs of rows whose half hours are to be counted whatever is new. */
  readonly passed: readonly string[]
}

/** Leaves them in the work table `halves`; null where there are none. */
export async function touchedHalfHours(
  sources: Sources,
  { timeZone, passed }: ToCount,
): Promise<TouchedHalfHours | null> {
  await sources.make('sessions', await touchedSessions(sources))
  const { from, to } = await sources.row(
    `SELECT min(date)::VARCHAR AS "from", max(date)::VARCHAR AS "to" FROM ${work('sessions')}`,
  )
  const halves = passed.map((rows) => `SELECT interval_start FROM (${rows})`)
  if (typeof from === 'string' && typeof to === 'string') {
    const days = { from: dayPlus(from, -AROUND_DAYS), to: dayPlus(to, AROUND_DAYS) }
    halves.push(
      `SELECT interval_start FROM (${await moments(sources, days, timeZone)}) AS moments
        JOIN ${work('sessions')} AS touched
        ON touched.conversation_id = moments.conversation_id
        AND (touched.session_id IS NULL OR touched.session_id = moments.session_id
          OR moments.session_id IS NULL)`,
    )
  }
  if (halves.length === 0) return null
  await sources.make(
    'halves',
    `SELECT DISTINCT interval_start FROM (${halves.join(' UNION ALL ')})
      WHERE interval_start IS NOT NULL`,
  )
  return involvedIn(sources, timeZone)
}

async function involvedIn(sources: Sources, timeZone: string): Promise<TouchedHalfHours | null> {
  const day = (time: string) => `(${time} AT TIME ZONE 'UTC')::DATE::VARCHAR`
  const { from, to, days } = await sources.row(`
    SELECT ${day('min(interval_start)')} AS "from", ${day('max(interval_start)')} AS "to",
      list(DISTINCT ${day('interval_start')}) AS days FROM ${work('halves')}`)
  if (typeof from !== 'string' || typeof to !== 'string' || !Array.isArray(days)) return null
  const around = { from: dayPlus(from, -AROUND_DAYS), to: dayPlus(to, AROUND_DAYS) }
  await sources.make(
    'involved',
    `SELECT DISTINCT conversation_id FROM (${await moments(sources, around, timeZone)})
      WHERE ${isTouchedHalfHour}`,
  )
  const relations: string[] = []
  for (const [name, table] of toldTables) {
    const rows = await sources.within(table, around)
    relations.push(`${name} AS (${rows}
      AND conversation_id IN (SELECT conversation_id FROM ${work('involved')}))`)
  }
  return {
    days: days.map(String),
    count: (sql) => `
      WITH ${relations.join(', ')} SELECT * FROM (${sql}) WHERE ${isTouchedHalfHour}`,
  }
}

const counting = `event_type IN ('acd.start', 'acd.end', 'user.start', 'user.end', 'acw', 'wrapup')`
const sessionOf = `coalesce(session_id, participant_id, '')`

/** What is new: sessions that events tell of, and conversations that a record tells of, whole. */
async function touchedSessions(sources: Sources): Promise<string> {
  const events = await sources.changed(conversationEvents)
  const details = await sources.changed(conversationDetails)
  return `
    SELECT DISTINCT conversation_id, ${sessionOf} AS session_id, date
    FROM (${events}) WHERE ${counting} AND conversation_id IS NOT NULL
    UNION ALL SELECT DISTINCT conversation_id, NULL, date
    FROM (${details}) WHERE conversation_id IS NOT NULL`
}

/** Each half hour in which a session may have a moment, whoever tells of it. */
async function moments(sources: Sources, days: Days, timeZone: string): Promise<string> {
  const half = (time: string) => halfHourSql(time, timeZone)
  const events = await sources.within(conversationEvents, days)
  const details = await sources.within(conversationDetails, days)
  const waited = `event_time - to_milliseconds(coalesce(${durationSql('connected_ms')}, 0))`
  const wrapUp = `to_milliseconds(coalesce(${durationSql('acw_ms')}, 0))`
  const ended = timeSql('session_end')
  const times = [timeSql('session_start'), ended, `${ended} - ${wrapUp}`]
  return `
    SELECT conversation_id, ${sessionOf} AS session_id, ${half('moment')} AS interval_start
    FROM (SELECT *, unnest([event_time, ${waited}]) AS moment FROM (${events} AND ${counting}))
    UNION ALL
    SELECT conversation_id, NULL, ${half('moment')}
    FROM (SELECT *, unnest([${times.join(', ')}]) AS moment FROM (${details}))`
}

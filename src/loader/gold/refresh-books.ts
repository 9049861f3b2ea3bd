/**
 * Keeps `gold.books`: the hours in which anything new was received. A tally may tell of the hour
 * before it.
 */
import { arrivals } from '../../tables/arrivals.ts'
import { books } from '../../tables/gold.ts'
import { receivedIn } from '../bronze-files.ts'
import { booksSql, hourSql, TALLY_DELAY_MS } from './books.ts'
import { dayOfSql } from './half-hours.ts'
import type { GoldTable, Replacement } from './refresh.ts'
import { type Sources, work } from './sources.ts'

const hourMs = 3_600_000

export const keptBooks: GoldTable = {
  table: books,
  follows: [arrivals],
  restsOn: () => '',
  key: ['hour', 'source'],
  refresh,
}

const isTouched = `hour IN (SELECT hour FROM ${work('hours')})`

async function refresh(sources: Sources): Promise<Replacement | null> {
  const before = `${hourSql('received_at')} - INTERVAL 1 HOUR`
  const isEarly = `received_at < ${hourSql('received_at')} + to_milliseconds(${TALLY_DELAY_MS})`
  const changed = await sources.changed(arrivals)
  await sources.make(
    'hours',
    `SELECT DISTINCT unnest([${hourSql('received_at')}, CASE WHEN outcome = 'note' AND ${isEarly}
      THEN ${before} ELSE ${hourSql('received_at')} END]) AS hour FROM (${changed})`,
  )
  const { from, to, days } = await sources.row(`
    SELECT epoch_ms(min(hour))::DOUBLE AS "from", epoch_ms(max(hour))::DOUBLE AS "to",
      list(DISTINCT ${dayOfSql('hour')}::VARCHAR) AS days FROM ${work('hours')}`)
  if (typeof from !== 'number' || typeof to !== 'number' || !Array.isArray(days)) return null
  const span = { from: from - hourMs, until: to + 3 * hourMs }
  const near = await sources.where(arrivals, receivedIn([span]), neighbourhood(span))
  await sources.make(
    'fresh',
    `WITH bronze AS (${near}) SELECT * FROM (${booksSql}) WHERE ${isTouched}`,
  )
  return { replaced: isTouched, days: days.map(String) }
}

/** Of the hours next to those that are counted, notes and what lies near. */
function neighbourhood({ from, until }: { from: number; until: number }): string {
  const hour = hourSql('received_at')
  const near = `received_at >= ${hour} + INTERVAL 1 HOUR - to_milliseconds(${TALLY_DELAY_MS})`
  return `received_at >= make_timestamptz(${from * 1000}::BIGINT)
    AND received_at < make_timestamptz(${until * 1000}::BIGINT)
    AND (${isTouched.replace('hour IN', `${hour} IN`)} OR outcome = 'note' OR ${near})`
}

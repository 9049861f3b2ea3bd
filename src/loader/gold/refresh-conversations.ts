/**
 * Keeps `gold.conversations`: a conversation that anything new tells of is told again from all that
 * is known of it.
 *
 * Whatever was known of it before has a row, and no event of it is filed under a day before that of
 * the row: from there on silver is read. Most conversations are of these days; only one that is not
 * found there and did not begin among what is new is looked for among the rows of all days.
 *
 * Where the watermark of an organisation moves, the conversations that it passes are told again.
 */

import { dayOfNumber } from '../../lake/retention.ts'
import { literal } from '../../lake/sql/quote.ts'
import { conversations } from '../../tables/gold.ts'
import { conversationDetails, conversationEvents, interactions } from '../../tables/silver.ts'
import { conversationsSql } from './conversations.ts'
import { marksAlone, movedWatermarks } from './follow-watermarks.ts'
import { dayOfSql } from './half-hours.ts'
import { firstCounted } from './kept-days.ts'
import type { GoldTable, Replacement } from './refresh.ts'
import { timeSql } from './sane.ts'
import { dayPlus, filedIn, type Sources, work } from './sources.ts'

const RECENT_DAYS = 8

export const keptConversations: GoldTable = {
  table: conversations,
  follows: [conversationEvents, conversationDetails, interactions],
  restsOn: () => '',
  key: ['conversation_id', 'org_id'],
  refresh,
}

/** Relations over silver, in the order in which `conversationsSql` names them. */
export const toldTables = [
  ['conversation_events', conversationEvents],
  ['conversation_details', conversationDetails],
  ['interactions', interactions],
] as const

async function refresh(sources: Sources): Promise<Replacement | null> {
  const dated = { ...keptConversations, column: 'end_time', lastsMs: 0 }
  const { marks, passed, isBeyond } = await movedWatermarks(sources, dated)
  await sources.make('touched', await touched(sources, passed))
  const { least } = await sources.row(`SELECT min(since)::VARCHAR AS least FROM ${work('touched')}`)
  if (typeof least !== 'string') return marksAlone(sources, conversations, marks)
  await findKnown(sources, dayPlus(least, -RECENT_DAYS))
  const { from } = await sources.row(`
    SELECT least(${literal(least)}::DATE, min(date))::VARCHAR AS "from" FROM ${work('known')}`)
  const relations: string[] = []
  for (const [name, table] of toldTables) {
    const rows = await sources.within(table, { from: String(from) })
    relations.push(`${name} AS (${rows} AND ${isTouched})`)
  }
  await sources.make(
    'fresh',
    `WITH ${relations.join(', ')}
      SELECT * REPLACE (provisional OR ${isBeyond} AS provisional)
      FROM (${conversationsSql})`,
  )
  await leaveKept(sources)
  const { days } = await sources.row(`
    SELECT list(DISTINCT date::VARCHAR) AS days
    FROM (SELECT date FROM ${work('known')} UNION ALL SELECT date FROM ${work('fresh')})`)
  return { replaced: isTouched, days: Array.isArray(days) ? days.map(String) : [], marks }
}

const isTouched = `conversation_id IN (SELECT conversation_id FROM ${work('touched')})`

/** Conversations that are new or told of anew, and whether their beginning is among what is new. */
async function touched(sources: Sources, passed: readonly string[]): Promise<string> {
  const day = (time: string) => `least(date, ${dayOfSql(timeSql(time))})`
  const of = [
    [conversationEvents, 'date', "event_type = 'customer.start'"],
    [conversationDetails, day('conversation_start'), 'true'],
    [interactions, day('started_at'), "started_at IS NOT NULL OR state = 'started'"],
  ] as const
  const parts = await Promise.all(
    of.map(async ([table, since, begins]) => {
      const rows = await sources.changed(table)
      return `SELECT conversation_id, ${since} AS since, ${begins} AS begins FROM (${rows})`
    }),
  )
  for (const rows of passed)
    parts.push(`SELECT conversation_id, date AS since, true AS begins FROM (${rows})`)
  return `SELECT conversation_id, min(since) AS since, coalesce(bool_or(begins), false) AS begins
    FROM (${parts.join(' UNION ALL ')}) WHERE conversation_id IS NOT NULL GROUP BY conversation_id`
}

/** A conversation with a row on a day that is kept stays as it was told (./kept-days.ts). */
async function leaveKept(sources: Sources): Promise<void> {
  const first = firstCounted(sources, keptConversations)
  if (first === null) return
  const rows = `SELECT conversation_id, date FROM ${work('known')}
    UNION ALL SELECT conversation_id, date FROM ${work('fresh')}`
  await sources.run(`DELETE FROM ${work('touched')} WHERE conversation_id IN (
    SELECT conversation_id FROM (${rows}) WHERE date < ${literal(dayOfNumber(first))}::DATE)`)
  await sources.run(`DELETE FROM ${work('fresh')} WHERE conversation_id NOT IN (
    SELECT conversation_id FROM ${work('touched')})`)
}

/** The days and ids of rows that touched conversations have. */
async function findKnown(sources: Sources, from: string): Promise<void> {
  const columns = 'SELECT conversation_id, date FROM'
  const recent = await sources.within(conversations, { from })
  await sources.make('known', `${columns} (${recent}) WHERE ${isTouched}`)
  const isMissing = `NOT begins AND conversation_id NOT IN (
    SELECT conversation_id FROM ${work('known')})`
  const { missing } = await sources.row(
    `SELECT count(*) AS missing FROM ${work('touched')} WHERE ${isMissing}`,
  )
  if (Number(missing) === 0) return
  const older = await sources.where(
    conversations,
    (file) => filedIn({ to: dayPlus(from, -1) })(file),
    `conversation_id IN (SELECT conversation_id FROM ${work('touched')} WHERE ${isMissing})`,
  )
  await sources.run(`INSERT INTO ${work('known')} ${columns} (${older})`)
}

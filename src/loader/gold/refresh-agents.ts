/**
 * Keeps `gold.agent_intervals`: the days around what is new of an agent, and the handled work of
 * the half hours that ./refresh-intervals.ts finds.
 */
import { agentIntervals } from '../../tables/gold.ts'
import { agentStates } from '../../tables/silver.ts'
import { agentStatesSql, agentWorkSql } from './agent-intervals.ts'
import { marksAlone, movedWatermarks } from './follow-watermarks.ts'
import type { GoldOptions } from './queue-intervals.ts'
import type { GoldTable, Replacement } from './refresh.ts'
import { toldTables } from './refresh-conversations.ts'
import { halfHoursOf, isTouchedHalfHour, touchedHalfHours } from './refresh-intervals.ts'
import { dayPlus, type Sources, work } from './sources.ts'

export const keptAgentIntervals: GoldTable = {
  table: agentIntervals,
  follows: [agentStates, ...toldTables.map(([, table]) => table)],
  restsOn: ({ timeZone }) => timeZone,
  key: ['org_id', 'user_id', 'interval_start', 'kind', 'state'],
  refresh,
}

async function refresh(sources: Sources, { timeZone }: GoldOptions): Promise<Replacement | null> {
  const { marks, ...moved } = await movedWatermarks(sources, halfHoursOf(keptAgentIntervals))
  const passed = moved.passed.map((rows) => `SELECT * FROM (${rows}) WHERE ${isHandling}`)
  const states = await touchedStates(sources, timeZone)
  const handled = await touchedHalfHours(sources, { timeZone, passed })
  const parts = [
    ...(states === null ? [] : [{ ...states, isOf: `NOT (${isHandling})` }]),
    ...(handled === null
      ? []
      : [
          {
            rows: `SELECT * REPLACE (${moved.isBeyond} AS provisional)
              FROM (${handled.count(agentWorkSql(timeZone))})`,
            replaced: isTouchedHalfHour,
            days: handled.days,
            isOf: isHandling,
          },
        ]),
  ]
  if (parts.length === 0) return marksAlone(sources, agentIntervals, marks)
  await sources.make('fresh', parts.map(({ rows }) => `FROM (${rows})`).join(' UNION ALL BY NAME '))
  return {
    replaced: parts.map(({ isOf, replaced }) => `(${isOf} AND ${replaced})`).join(' OR '),
    days: [...new Set(parts.flatMap(({ days }) => days))],
    marks,
  }
}

/** Work is what Genesys can be asked about; states of agents are not, so no watermark is theirs. */
const isHandling = "kind = 'handling'"
const isTouchedDay = `(user_id, date) IN (SELECT user_id, day FROM ${work('agent_days')})`

/**
 * A state may have begun a day before what is new, and what is new may last for a day. Whether
 * anything was heard of an agent later decides how long a last state lasted: nothing later is left
 * out.
 */
async function touchedStates(sources: Sources, timeZone: string) {
  const changed = await sources.changed(agentStates)
  await sources.make(
    'agent_days',
    `SELECT DISTINCT user_id, unnest([date - 1, date, date + 1])::DATE AS day
    FROM (${changed}) WHERE user_id IS NOT NULL`,
  )
  const { from, days } = await sources.row(`
    SELECT min(day)::VARCHAR AS "from", list(DISTINCT day::VARCHAR) AS days
    FROM ${work('agent_days')}`)
  if (typeof from !== 'string' || !Array.isArray(days)) return null
  const known = await sources.within(agentStates, { from: dayPlus(from, -2) })
  return {
    rows: `WITH agent_states AS (
        ${known} AND user_id IN (SELECT user_id FROM ${work('agent_days')}))
      SELECT * FROM (${agentStatesSql(timeZone)}) WHERE ${isTouchedDay}`,
    replaced: isTouchedDay,
    days: days.map(String),
  }
}

import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { openSqlEngine } from '../../../../src/lake/sql/duckdb.ts'
import { DriftWatch } from '../../../../src/loader/silver/drift-watch.ts'
import { countNulls } from '../../../../src/loader/silver/null-counts.ts'
import { agentStates, otherEvents } from '../../../../src/tables/silver.ts'
import { movableClock } from '../../../support/clock.ts'
import { temporaryFolder } from '../../../support/temporary.ts'
import { toldMetrics } from '../../../support/told-metrics.ts'

const minute = 60_000

function openWatch() {
  const clock = movableClock()
  const told: string[] = []
  const watch = new DriftWatch(
    {
      clock,
      observer: (name, fields = {}) => told.push([name, ...Object.values(fields)].join(' ')),
    },
    { violationRate: 0.05, nullRate: 0.01, windowMs: 10 * minute },
  )
  return { clock, told, watch }
}

const topic = (name: string, events: number, deviating: number) => ({
  ...{ topic: name, version: '1.a', events, deviating },
})
const column = (rows: number, nulls: number) => ({
  ...{ table: 'silver.agent_states', eventType: 'user.presence', column: 'state', rows, nulls },
})

suite('drift', () => {
  test('of a topic is told when it begins and when it is over', () => {
    const { clock, told, watch } = openWatch()
    watch.saw([topic('interaction', 200, 20), topic('call.event', 200, 1)], [])
    assert.deepEqual(told, ['schema_violated interaction 0.1'])
    clock.advance(10 * minute)
    watch.saw([topic('interaction', 200, 0)], [])
    assert.deepEqual(told.slice(1), ['schema_kept interaction 0'])
  })

  test('of a column is told where it was filled', () => {
    const { clock, told, watch } = openWatch()
    watch.saw([], [column(5000, 20)])
    clock.advance(11 * minute)
    watch.saw([], [column(500, 100)])
    assert.deepEqual(told, ['column_turned_null silver.agent_states user.presence state 0.2'])
  })

  test('names no topic that nothing is known of, and counts its events', () => {
    const { told, watch } = openWatch()
    watch.saw(
      [{ ...topic('v2.jane@example.com', 500, 0), version: null }, topic('interaction', 10, 1)],
      [],
    )
    assert.deepEqual(told, [])
    const metrics = toldMetrics(watch)
    const events = (reason: string) => metrics[`inlet_judged_events_total reason=${reason}`]
    assert.deepEqual(['unknown', 'deviating', 'conforming'].map(events), [500, 1, 9])
  })
})

test('nulls are counted by table, event type and column', async () => {
  const folder = await temporaryFolder()
  const engine = await openSqlEngine({ memoryLimit: 2 ** 27, threads: 1, folder: folder.path })
  await engine.run(`CREATE TABLE states AS
    FROM (VALUES ('a', 'x'), ('a', NULL), ('b', NULL)) AS v(event_type, state)`)
  const filled = new Set(['event_type', 'state'])
  const counts = await countNulls(engine, [
    { table: agentStates, rows: 'states', filled },
    { table: otherEvents, rows: 'nowhere', filled },
  ])
  const states = counts.filter(({ column: name }) => name === 'state')
  assert.deepEqual(states.map(({ eventType, rows, nulls }) => [eventType, rows, nulls]).sort(), [
    ['a', 2, 1],
    ['b', 1, 1],
  ])
  const neverNull = 9
  assert.equal(counts.length, 2 * (agentStates.columns.length - neverNull))
  assert.ok(counts.every(({ column, rows, nulls }) => column === 'state' || rows === nulls))
  engine.close()
  await folder.dispose()
})

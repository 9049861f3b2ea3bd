/** Which conversations are asked for by id, out of a lake that is filled by hand. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { tableSelect } from '../../../src/lake/sql/table-view.ts'
import { unsettledBefore } from '../../../src/reconcile/unsettled.ts'
import { conversations } from '../../../src/tables/gold.ts'
import { openTestGold, type TestGold } from '../../support/gold.ts'

const from = Date.parse('2026-03-05T10:00:00Z')
const to = Date.parse('2026-03-09T10:00:00Z')
const HOUR = 3_600_000
const orgId = 'prod'
const id = (number: number) => `00000000-0000-4000-8000-${`${number}`.padStart(12, '0')}`
const at = (hours: number | null) =>
  hours === null ? null : new Date(from + hours * HOUR).toISOString()

type Span = readonly [number, number | null]

function row(number: number, [start, end]: Span, more: object = {}) {
  const start_time = at(start)
  const told = { org_id: orgId, told_by: 'events', provisional: false, bucket: 0 }
  const times = { start_time, end_time: at(end), date: start_time?.slice(0, 10) ?? '' }
  return { conversation_id: id(number), ...told, ...times, ...more }
}

suite('conversations that are asked for by id', () => {
  let gold: TestGold
  before(async () => {
    gold = await openTestGold()
    await gold.landRows(conversations, [
      row(1, [-50, null]),
      row(2, [-50, 3]),
      row(3, [-50, -3]),
      row(4, [1, null]),
      row(5, [-32 * 24, null]),
      row(6, [-5, null], { org_id: 'other' }),
      row(7, [-5, null], { conversation_id: 'int-7' }),
      row(8, [-60, -40]),
      row(9, [-60, -40], { told_by: 'details' }),
      row(10, [2, 3]),
      row(11, [-2, null], { told_by: 'details' }),
    ])
  })
  after(() => gold.dispose())

  const asked = async (lettered: readonly string[], keptFrom = 0) => {
    const delta = await gold.lake.table(conversations)
    const paths = [...delta.state.files.values()].map(({ key }) =>
      gold.store.localPath(`${delta.key}/${key}`),
    )
    const select = async (_: unknown, days: { from: string; to: string }) =>
      `SELECT * FROM (${tableSelect(conversations, await Promise.all(paths))})
        WHERE date BETWEEN '${days.from}' AND '${days.to}'`
    const deps = { engine: gold.engine, select, lettered: async () => lettered }
    return unsettledBefore(deps, { orgId, from, to, keptFrom })
  }

  test('are those before the interval that go on or ended behind its beginning', async () => {
    // 4 and 10 began within; 5 before anything is looked for; 7 is no id of Genesys.
    assert.deepEqual(await asked([]), [id(11), id(1), id(2)])
  })

  test('and those of a dead letter that no record has settled', async () => {
    const letters = [8, 9, 10, 20].map(id)
    assert.deepEqual(await asked(letters), [id(20), id(11), id(1), id(2), id(8)])
  })

  test('and none of days of which the lake keeps nothing', async () => {
    const day = Date.parse('2026-03-04')
    assert.deepEqual(await asked([], day), [id(11)])
  })

  test('the youngest of them, where they are many', async () => {
    const letters = Array.from({ length: 3000 }, (_, index) => id(1000 + index))
    const found = await asked(letters)
    assert.deepEqual([found.length, found.includes(id(1))], [2000, false])
  })
})

import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import {
  compareNames,
  type Listed,
  type NameRow,
  toldByOtherRules,
} from '../../../../src/loader/names/compare.ts'

const orgId = 'org-1'
const listed = (...names: readonly (readonly [string, string])[]): Listed[] =>
  names.map(([id, name]) => ({ id, said: { name } }))
const told = (rows: readonly NameRow[]) =>
  rows.map(({ id, said, from, to }) => `${id} ${said['name']} ${from}-${to ?? ''}`)

function after(...steps: readonly (readonly [number, Listed[]])[]): NameRow[] {
  return steps.reduce<readonly NameRow[]>(
    (rows, [at, names]) => compareNames(rows, { orgId, listed: names, at }).rows,
    [],
  ) as NameRow[]
}

suite('names that are compared with a listing', () => {
  test('a renamed one is closed when its next name begins', () => {
    const rows = after([1, listed(['a', 'Sales'])], [5, listed(['a', 'Sales EU'])])
    assert.deepEqual(told(rows), ['a Sales 1-5', 'a Sales EU 5-'])
  })

  test('a deleted one is closed, and opened again when it is restored', () => {
    const rows = after(
      [1, listed(['a', 'Sales'], ['b', 'Support'])],
      [5, listed(['b', 'Support'])],
      [9, listed(['a', 'Sales'], ['b', 'Support'])],
    )
    assert.deepEqual(told(rows), ['a Sales 1-5', 'b Support 1-', 'a Sales 9-'])
  })

  test('an interval does not end before it began where the clock was put back', () => {
    const rows = after([9, listed(['a', 'Sales'])], [5, listed(['a', 'Sales EU'])])
    assert.deepEqual(told(rows), ['a Sales 9-9', 'a Sales EU 9-'])
  })

  test('rows of another organisation stay as they are', () => {
    const other: NameRow = { orgId: 'org-2', id: 'a', said: { name: 'Other' }, from: 1, to: null }
    const { rows, deleted } = compareNames([other], { orgId, listed: [], at: 5 })
    assert.deepEqual([rows, deleted], [[other], 0])
  })

  test('other rules mask what is closed and tell what is open as it is listed', () => {
    const rows = after([1, listed(['a', 'Ann'])], [5, listed(['a', 'Anna'])])
    const mask = () => ({ name: '***' })
    const listing = { orgId, listed: listed(['a', 'h1:1']), at: 9 }
    const masked = toldByOtherRules(rows, listing, mask)
    assert.deepEqual(told(masked), ['a *** 1-5', 'a h1:1 5-'])
    assert.equal(compareNames(masked, listing).changed, 0)
  })

  test('whatever is listed, one row of an id holds, says it, and intervals do not overlap', () => {
    const names = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('x', 'y', 'z'))
    fc.assert(
      fc.property(fc.array(names, { minLength: 1 }), (listings) => {
        let rows: readonly NameRow[] = []
        for (const [at, names] of listings.entries()) {
          const listing = { orgId, listed: listed(...Object.entries(names)), at }
          const compared = compareNames(rows, listing)
          rows = compared.rows
          const open = rows.filter(({ to }) => to === null)
          assert.deepEqual(Object.fromEntries(open.map(({ id, said }) => [id, said['name']])), {
            ...names,
          })
          assert.equal(open.length, Object.keys(names).length)
          const again = compareNames(rows, { ...listing, at: at + 1 })
          assert.deepEqual(again, { rows, added: 0, changed: 0, deleted: 0 })
        }
        for (const own of Map.groupBy(rows, ({ id }) => id).values())
          for (const [index, { from }] of own.slice(1).entries())
            assert.ok((own[index]?.to ?? Number.POSITIVE_INFINITY) <= from)
      }),
    )
  })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  firstPositions,
  nextStep,
  type PositionRange,
  positionsIn,
  type Standing,
  standingOf,
} from '../../../../src/loader/progress/standing.ts'

const journalId = 'b5a7c1d0-0b1a-4a52-9c1e-5d7d6c1b2a3f'
const app = (partition: string) => `inlet/${journalId}/${partition}`
const stands = (...places: readonly (readonly [string, number])[]): Standing =>
  new Map(places.map(([partition, position]) => [app(partition), position]))
const range = (partition: string, from: number, to: number): PositionRange => {
  return { journalId, partition, from, to }
}

test('tables that stand together go together, to where bronze stands', () => {
  const followers = ['a', 'b'].map((name) => ({ name, standing: stands(['g0', 5]) }))
  assert.deepEqual(nextStep(stands(['g0', 9], ['g1', 2]), followers), {
    followers: ['a', 'b'],
    ranges: [range('g0', 5, 9), range('g1', 0, 2)],
  })
  assert.equal(nextStep(stands(['g0', 5]), followers), null)
})

test('a table that is behind first goes to where the others stand, in no other partition', () => {
  const followers = [
    { name: 'ahead', standing: stands(['g0', 7], ['g1', 3]) },
    { name: 'behind', standing: stands(['g0', 4], ['g1', 3]) },
  ]
  assert.deepEqual(nextStep(stands(['g0', 9], ['g1', 5]), followers), {
    followers: ['behind'],
    ranges: [range('g0', 4, 7)],
  })
})

test('what a table says of other applications is no progress', () => {
  const txns = new Map([
    ['inlet/erase', 3],
    [app('gateway-0'), 4],
  ])
  assert.deepEqual([...standingOf(txns)], [[app('gateway-0'), 4]])
})

test('a small range goes whole, and the others share what it leaves', () => {
  const ranges = [range('g0', 0, 100), range('g1', 10, 12), range('g2', 0, 50)]
  assert.deepEqual(firstPositions(ranges, 20), [
    range('g1', 10, 12),
    range('g2', 0, 9),
    range('g0', 0, 9),
  ])
  assert.deepEqual(firstPositions(ranges, 1), [range('g1', 10, 11)])
})

const place = fc.nat(6)
const standing = fc
  .record({ g0: place, g1: place })
  .map(({ g0, g1 }) => stands(['g0', g0], ['g1', g1]))

test('from anywhere, in steps of any size, every table reads each position once', () => {
  fc.assert(
    fc.property(
      standing,
      fc.array(standing, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 5 }),
      (leader, starts, most) => {
        const tables = starts.map((start, name) => ({ name, standing: new Map(start) }))
        for (let steps = 0; ; steps++) {
          assert.ok(steps < 200, 'it comes to an end')
          const step = nextStep(leader, tables)
          if (step === null) break
          const ranges = firstPositions(step.ranges, most)
          assert.ok(positionsIn(ranges) > 0 && positionsIn(ranges) <= most)
          for (const { name, standing: at } of tables.filter((one) =>
            step.followers.includes(one.name),
          )) {
            for (const { partition, from, to } of ranges) {
              assert.equal(at.get(app(partition)) ?? 0, from, `table ${name} goes on where it is`)
              at.set(app(partition), to)
            }
          }
        }
        for (const { standing: at } of tables)
          for (const [id, to] of leader) assert.ok((at.get(id) ?? 0) >= to)
      },
    ),
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { TimeHeap } from '../../../../src/simulator/traffic/heap.ts'

test('gives back in order of time, equal times in the order they came', () => {
  const times = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 200 })
  fc.assert(
    fc.property(times, (pushed) => {
      const heap = new TimeHeap<readonly [number, number]>()
      for (const [order, at] of pushed.entries()) heap.push(at, [at, order])
      const expected = pushed.map((at, order) => [at, order] as const).toSorted(([a], [b]) => a - b)
      assert.equal(heap.size, pushed.length)
      assert.equal(heap.nextAt, expected[0]?.[0])
      assert.deepEqual(
        pushed.map(() => heap.pop()),
        expected,
      )
      assert.equal(heap.pop(), undefined)
    }),
  )
})

test('takes new entries between those it gives back', () => {
  const heap = new TimeHeap<number>()
  for (const at of [5, 1, 3]) heap.push(at, at)
  assert.equal(heap.pop(), 1)
  heap.push(2, 2)
  assert.deepEqual([heap.pop(), heap.pop(), heap.pop(), heap.pop()], [2, 3, 5, undefined])
})

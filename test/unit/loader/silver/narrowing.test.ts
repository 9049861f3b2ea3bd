import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { PositionRange } from '../../../../src/loader/progress/standing.ts'
import { type Narrowing, narrowed, passed, toTry } from '../../../../src/loader/silver/narrowing.ts'

const range = (from: number, to: number, partition = 'g0'): PositionRange => {
  return { journalId: 'b5a7c1d0-0b1a-4a52-9c1e-5d7d6c1b2a3f', partition, from, to }
}

/** Works through positions as silver does; resolves to what was found and how often it failed. */
function work(ranges: readonly PositionRange[], isBad: (one: PositionRange) => boolean) {
  const found: PositionRange[] = []
  let failures = 0
  let left = ranges
  let narrowing: Narrowing | null = null
  for (let attempts = 0; left.length > 0; attempts++) {
    assert.ok(attempts < 5000, 'it comes to an end')
    const tried = toTry(left, narrowing)
    const holds = (one: PositionRange) =>
      Array.from({ length: one.to - one.from }, (_, at) => range(one.from + at, 0, one.partition))
    const isSpared = (one: PositionRange) =>
      found.some(({ from, partition }) => from === one.from && partition === one.partition)
    if (tried.flatMap(holds).some((one) => isBad(one) && !isSpared(one))) {
      failures++
      const judgement = narrowed(tried, narrowing?.failures ?? 0)
      narrowing = judgement.kind === 'narrowed' ? judgement.narrowing : null
      if (judgement.kind === 'found') found.push(judgement.place)
      continue
    }
    left = left.flatMap((one) => {
      const ends = tried.filter(({ partition }) => partition === one.partition).map(({ to }) => to)
      const from = Math.max(one.from, ...ends)
      return from < one.to ? [{ ...one, from }] : []
    })
    if (narrowing !== null) narrowing = passed(narrowing, tried)
  }
  return { found, failures }
}

test('one among 131,072 is found in six failures, of which two are of it alone', () => {
  const { found, failures } = work([range(0, 131_072)], ({ from }) => from === 77_777)
  assert.deepEqual(found, [range(77_777, 77_778)])
  assert.ok(failures <= 7, `${failures} failures`)
})

test('whatever is bad is found, and nothing else is', () => {
  const positions = fc.uniqueArray(fc.nat(79), { maxLength: 4 })
  fc.assert(
    fc.property(positions, positions, (first, second) => {
      const bad = new Set([...first.map((at) => `g0 ${at}`), ...second.map((at) => `g1 ${at}`)])
      const { found } = work([range(0, 80), range(0, 80, 'g1')], ({ partition, from }) =>
        bad.has(`${partition} ${from}`),
      )
      assert.deepEqual(new Set(found.map((one) => `${one.partition} ${one.from}`)), bad)
    }),
  )
})

test('what stands before suspects is read as usual', () => {
  const narrowing = { suspects: [range(10, 30)], most: 2, failures: 0 }
  assert.deepEqual(toTry([range(0, 100)], narrowing), [range(0, 10)])
  assert.deepEqual(toTry([range(10, 100)], narrowing), [range(10, 12)])
  assert.deepEqual(toTry([range(30, 100)], narrowing), [range(30, 100)])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hybridBound, writeHybrid } from '../../../../src/lake/parquet/hybrid.ts'

/** As Encodings.md of Apache Parquet says to read it. */
function read(bytes: Uint8Array, width: number, count: number): number[] {
  const values: number[] = []
  let at = 0
  while (at < bytes.length) {
    let header = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0
      header |= (byte & 127) << shift
      if (byte < 128) break
    }
    if (header % 2 === 0) {
      const value = bytes[at++] ?? 0
      for (let left = header >> 1; left > 0; left--) values.push(value)
      continue
    }
    const packed = bytes.subarray(at, at + (header >> 1) * width)
    at += packed.length
    const bit = (index: number) => ((packed[index >> 3] ?? 0) >> (index & 7)) & 1
    for (let first = 0; first < packed.length * 8; first += width) {
      let value = 0
      for (let place = 0; place < width; place++) value |= bit(first + place) << place
      values.push(value)
    }
  }
  assert.ok(values.length - count < 8)
  return values.slice(0, count)
}

const numbers = fc.integer({ min: 1, max: 8 }).chain((width) => {
  const run = fc.record({
    value: fc.nat(2 ** width - 1),
    length: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 60, max: 300 })),
  })
  return fc.record({ width: fc.constant(width), runs: fc.array(run, { maxLength: 20 }) })
})

test('what is written reads back, and takes no more than its bound', () => {
  fc.assert(
    fc.property(numbers, ({ width, runs }) => {
      const plain = runs.flatMap(({ value, length }) => new Array<number>(length).fill(value))
      const count = plain.length
      const into = new Uint8Array(hybridBound(count, width))
      const end = writeHybrid(into, 0, { values: Uint8Array.from(plain), count, width })
      assert.ok(end <= into.length)
      assert.deepEqual(read(into.subarray(0, end), width, count), plain)
    }),
  )
})

test('a run takes as little as its length does', () => {
  const into = new Uint8Array(16)
  const values = new Uint8Array(16_384).fill(1)
  assert.equal(writeHybrid(into, 0, { values, count: values.length, width: 1 }), 4)
})

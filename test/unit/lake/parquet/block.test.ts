import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Slice } from '../../../../src/core/slice.ts'
import { Block } from '../../../../src/lake/parquet/block.ts'

/** The bytes amid others. */
function within(bytes: Uint8Array): Slice {
  const whole = Buffer.concat([Buffer.from('before'), bytes, Buffer.from('behind')])
  return { bytes: whole, from: 6, to: 6 + bytes.length }
}

const safe = fc.maxSafeInteger()
const date = fc.integer({ min: -8.64e15, max: 8.64e15 })

test('a number is stored as 64 bits, even where its multiple is beyond 2^53', () => {
  const numbers = fc.oneof(
    fc.record({ value: safe, factor: fc.constant(1) }),
    fc.record({ value: date, factor: fc.constant(1000) }),
  )
  fc.assert(
    fc.property(numbers, ({ value, factor }) => {
      const block = new Block(16)
      block.putNumber(value, factor)
      assert.equal(block.bytes.readBigInt64LE(0), BigInt(value) * BigInt(factor))
    }),
  )
})

test('values stand behind one another however often the block has to grow', () => {
  const text = fc.string({ unit: 'binary', maxLength: 90 })
  fc.assert(
    fc.property(fc.array(text), fc.uint8Array({ maxLength: 40 }), (texts, bytes) => {
      const block = new Block(0)
      const large = Buffer.alloc(2 ** 17, 'x')
      block.putBytes(within(large))
      for (const one of texts) block.putText(one)
      block.putHex(within(bytes))
      let at = 0
      const next = () => {
        const start = at + 4
        at = start + block.bytes.readUInt32LE(at)
        return block.bytes.subarray(start, at)
      }
      assert.ok(next().equals(large))
      for (const one of texts) assert.equal(next().toString(), one.toWellFormed())
      assert.equal(next().toString(), Buffer.from(bytes).toString('hex'))
      assert.equal(at, block.end)
    }),
  )
})

test('a block that had to grow is small again once it is cleared', () => {
  const block = new Block(16)
  const { length } = block.bytes
  block.putBytes(within(Buffer.alloc(2 ** 20)))
  assert.ok(block.bytes.length > 2 ** 20)
  block.clear()
  assert.equal(block.bytes.length, length)
})

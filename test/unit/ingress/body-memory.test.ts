import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BodyMemory } from '../../../src/ingress/body-memory.ts'

test('a block that was given back is lent again, to one at a time', () => {
  const memory = new BodyMemory()
  const first = memory.lend(20_000)
  const second = memory.lend(20_000)
  assert.notEqual(first.buffer, second.buffer)
  memory.giveBack(first.subarray(10, 20))
  assert.equal(memory.spareBytes, 32 * 1024)
  memory.giveBack(first)
  assert.equal(memory.spareBytes, 32 * 1024)
  assert.equal(memory.lend(30_000).buffer, first.buffer)
  assert.notEqual(memory.lend(30_000).buffer, first.buffer)
  assert.equal(memory.spareBytes, 0)
})

test('a block has room for what was asked for, and is lent for its size alone', () => {
  const memory = new BodyMemory()
  for (const bytes of [1, 16_384, 16_385, 2 ** 20, 2 ** 20 + 1]) {
    const block = memory.lend(bytes)
    assert.ok(block.length >= bytes && block.length < Math.max(2 * bytes, 16_385))
    memory.giveBack(block)
  }
  assert.equal(memory.lend(2 ** 18).length, 2 ** 18)
})

test('what was not lent is never taken for memory', () => {
  const memory = new BodyMemory()
  memory.giveBack(Buffer.allocUnsafeSlow(16_384))
  memory.giveBack(Buffer.from('a piece'))
  assert.equal(memory.spareBytes, 0)
})

test('only so much lies spare', () => {
  const memory = new BodyMemory()
  const blocks = Array.from({ length: 40 }, () => memory.lend(2 ** 20))
  for (const block of blocks) memory.giveBack(block)
  assert.equal(memory.spareBytes, 16 * 2 ** 20)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hasCode } from '../../../src/core/errors.ts'
import { BodyMemory } from '../../../src/ingress/body-memory.ts'
import { type BodyBounds, BodyReader, SenderGone } from '../../../src/ingress/body-reader.ts'
import { UnprovenPool } from '../../../src/ingress/overload/unproven-pool.ts'

const open = (change: Partial<BodyBounds>) =>
  new BodyReader({
    limit: 2 ** 20,
    announced: null,
    pool: new UnprovenPool(2 ** 30),
    memory: new BodyMemory(),
    ...change,
  })

test('pieces become the body, however they are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 40_000 }), { maxLength: 8 }),
      fc.boolean(),
      async (pieces, isAnnounced) => {
        const expected = Buffer.concat(pieces)
        const pool = new UnprovenPool(2 ** 20)
        const reader = open({ announced: isAnnounced ? expected.length : null, pool })
        for (const piece of pieces) reader.take(Buffer.from(piece))
        reader.end()
        assert.deepEqual(await reader.whole, expected)
        assert.equal(pool.taken, 0)
      },
    ),
    { numRuns: 40 },
  )
})

test('a body in one piece is that piece, and charged to nobody', async () => {
  const pool = new UnprovenPool(0)
  const piece = Buffer.from('whole')
  const reader = open({ announced: piece.length, pool })
  reader.take(piece)
  reader.end()
  assert.equal(await reader.whole, piece)
})

test('the limit is a byte that still passes', async () => {
  const fits = open({ limit: 10 })
  fits.take(Buffer.alloc(4))
  fits.take(Buffer.alloc(6))
  fits.end()
  assert.equal((await fits.whole).length, 10)
  const exceeds = open({ limit: 10 })
  exceeds.take(Buffer.alloc(4))
  exceeds.take(Buffer.alloc(7))
  exceeds.take(Buffer.alloc(1))
  exceeds.end()
  await assert.rejects(exceeds.whole, (error) => hasCode(error, 'INL_ING_BODY_SIZE'))
})

test('what is announced takes no memory, only what comes', () => {
  const pool = new UnprovenPool(2 ** 20)
  const reader = open({ announced: 2 ** 20, pool })
  assert.equal(pool.taken, 0)
  reader.take(Buffer.alloc(1))
  assert.ok(pool.taken > 0 && pool.taken <= 16 * 1024)
  reader.take(Buffer.alloc(100_000))
  assert.ok(pool.taken >= 100_001 && pool.taken <= 200_002)
  reader.gone()
  assert.equal(pool.taken, 0)
  return assert.rejects(reader.whole, SenderGone)
})

test('an exhausted pool refuses more, and has room again when bodies are judged', async () => {
  const pool = new UnprovenPool(40_000)
  const first = open({ pool })
  first.take(Buffer.alloc(30_000))
  const second = open({ pool })
  second.take(Buffer.alloc(20_000))
  second.end()
  await assert.rejects(second.whole, (error) => hasCode(error, 'INL_ING_UNPROVEN'))
  first.end()
  assert.equal((await first.whole).length, 30_000)
  const third = open({ pool })
  third.take(Buffer.alloc(20_000))
  third.end()
  assert.equal((await third.whole).length, 20_000)
})

test('a body that does not become whole gives its memory back', async () => {
  const memory = new BodyMemory()
  const pool = new UnprovenPool(300_000)
  const [gone, refused, large] = [open({ memory, pool }), open({ memory, pool }), open({ memory })]
  for (const reader of [gone, refused, large]) reader.take(Buffer.alloc(100_000))
  assert.equal(memory.spareBytes, 0)
  gone.gone()
  await assert.rejects(gone.whole, SenderGone)
  assert.equal(memory.spareBytes, 2 ** 17)
  refused.take(Buffer.alloc(300_000))
  await assert.rejects(refused.whole, (error) => hasCode(error, 'INL_ING_UNPROVEN'))
  assert.equal(memory.spareBytes, 2 ** 18)
  large.take(Buffer.alloc(100_000))
  assert.equal(memory.spareBytes, 2 ** 18 + 2 ** 17, 'that of its beginning')
})

test('bodies that come at the same time never share memory', async () => {
  const step = fc.record({ body: fc.nat({ max: 7 }), bytes: fc.integer({ min: 1, max: 60_000 }) })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const memory = new BodyMemory()
      const coming = new Map<number, { reader: BodyReader; length: number }>()
      for (const [index, { body, bytes }] of steps.entries()) {
        const known = coming.get(body) ?? { reader: open({ memory }), length: 0 }
        coming.set(body, known)
        known.reader.take(Buffer.alloc(bytes, body))
        known.length += bytes
        if (index % 3 !== 2) continue
        known.reader.end()
        coming.delete(body)
        const whole = await known.reader.whole
        assert.deepEqual(whole, Buffer.alloc(known.length, body))
        memory.giveBack(whole)
        memory.giveBack(whole)
      }
    }),
    { numRuns: 60 },
  )
})

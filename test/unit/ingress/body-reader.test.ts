import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hasCode } from '../../../src/core/errors.ts'
import { BodyReader, SenderGone } from '../../../src/ingress/body-reader.ts'
import { UnprovenPool } from '../../../src/ingress/overload/unproven-pool.ts'

const open = (change: { limit?: number; announced?: number | null; pool?: UnprovenPool }) =>
  new BodyReader({ limit: 2 ** 20, announced: null, pool: new UnprovenPool(2 ** 30), ...change })

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

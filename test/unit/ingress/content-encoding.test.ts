import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { hasCode } from '../../../src/core/errors.ts'
import { decompress, isGzip } from '../../../src/ingress/content-encoding.ts'

test('gzip is undone, nothing is nothing, and the rest is refused', () => {
  for (const header of [undefined, '', 'identity', ' Identity '])
    assert.equal(isGzip(header), false)
  for (const header of ['gzip', 'GZIP', 'x-gzip']) assert.equal(isGzip(header), true)
  for (const header of ['br', 'deflate', 'gzip, gzip', 'gzip;q=1', 'zstd'])
    assert.throws(
      () => isGzip(header),
      (error) => hasCode(error, 'INL_ING_ENCODING'),
    )
})

test('what comes out is bounded, absolutely and by the ratio', async () => {
  const body = Buffer.from(JSON.stringify({ text: 'a'.repeat(1000) }))
  assert.deepEqual(await decompress(gzipSync(body), body.length), body)
  await assert.rejects(decompress(gzipSync(body), body.length - 1), (error) =>
    hasCode(error, 'INL_ING_BODY_SIZE'),
  )
  const bomb = gzipSync(Buffer.alloc(2 ** 20))
  await assert.rejects(decompress(bomb, 2 ** 30), (error) => hasCode(error, 'INL_ING_BODY_RATIO'))
})

test('what is no gzip, or is cut short, is told apart from what is too large', async () => {
  const whole = gzipSync('{"a":1}')
  for (const bytes of [Buffer.alloc(0), Buffer.from('{"a":1}'), whole.subarray(0, -9)])
    assert.equal(await decompress(bytes, 1000), null)
})

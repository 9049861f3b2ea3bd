import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { MOST_BYTES, ShortMd5 } from '../../../src/dedup/short-md5.ts'

test('bytes of one block have the MD5 that they have elsewhere, whatever came before', () => {
  const md5 = new ShortMd5()
  const digestOf = (bytes: Uint8Array) => {
    md5.bytes.set(bytes)
    md5.digest(bytes.length)
    return Buffer.from(md5.words.buffer).toString('hex')
  }
  for (let length = 0; length <= MOST_BYTES; length++) {
    const bytes = Buffer.alloc(length, 0xa5)
    assert.equal(digestOf(bytes), hash('md5', bytes))
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: MOST_BYTES }), (bytes) => {
      assert.equal(digestOf(bytes), hash('md5', bytes))
    }),
  )
})

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { hmacProof } from '../../../../src/ingress/proofs/hmac.ts'
import { claim } from '../../../support/claim.ts'

const body = Buffer.from('{"notificationId":"1"}')
const hex = hmacProof({ header: 'X-Sign', encoding: 'hex', secrets: ['new', 'old'] })
const base64 = hmacProof({ header: 'X-Sign', encoding: 'base64', secrets: ['new', 'old'] })
const sign = (key: string, encoding: 'hex' | 'base64', signed = body) =>
  createHmac('sha256', key).update(signed).digest(encoding)

test('a signature made with any live secret holds, in either case and with either prefix', () => {
  for (const key of ['new', 'old']) {
    const signature = sign(key, 'hex')
    for (const value of [signature, `sha256=${signature}`, signature.toUpperCase()])
      assert.equal(hex.judge(claim({ 'x-sign': value }, body)), 'holds')
    assert.equal(base64.judge(claim({ 'x-sign': sign(key, 'base64') }, body)), 'holds')
    assert.equal(base64.judge(claim({ 'x-sign': `sha256=${sign(key, 'base64')}` }, body)), 'holds')
  }
})

test('anything else does not', () => {
  const signature = sign('new', 'hex')
  const wrong = [
    '',
    'sha256=',
    signature.slice(1),
    signature.slice(2),
    `${signature}00`,
    `${signature}z`,
    `0x${signature.slice(2)}`,
    `sha1=${signature}`,
    `sha256=sha256=${signature}`,
    `${signature}, ${signature}`,
    sign('other', 'hex'),
    sign('new', 'hex', Buffer.from('{"notificationId":"2"}')),
    sign('new', 'base64'),
    'é'.repeat(64),
  ]
  for (const value of wrong)
    assert.equal(hex.judge(claim({ 'x-sign': value }, body)), 'wrong', value)
  assert.equal(hex.judge(claim({}, body)), 'wrong')
  assert.equal(hex.judge(claim({ 'x-other': signature }, body)), 'wrong')
  assert.equal(base64.judge(claim({ 'x-sign': signature }, body)), 'wrong')
  const flipped = Buffer.from(sign('new', 'base64'), 'base64')
  flipped[31] = (flipped[31] ?? 0) ^ 1
  assert.equal(base64.judge(claim({ 'x-sign': flipped.toString('base64') }, body)), 'wrong')
})

test('it agrees with the HMAC of every body and key', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 200 }), fc.uint8Array(), (key, bytes) => {
      const proof = hmacProof({ header: 's', encoding: 'hex', secrets: [key] })
      const signed = Buffer.from(bytes)
      assert.equal(proof.judge(claim({ s: sign(key, 'hex', signed) }, signed)), 'holds')
      assert.equal(proof.judge(claim({ s: sign(`${key}.`, 'hex', signed) }, signed)), 'wrong')
    }),
  )
})

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { hmacProof } from '../../../../src/ingress/proofs/hmac.ts'
import { fixedSecrets } from '../../../../src/ingress/proofs/live-secrets.ts'
import { claim } from '../../../support/claim.ts'

const body = Buffer.from('{"notificationId":"1"}')
const hex = hmacProof({ header: 'X-Sign', encoding: 'hex', secrets: fixedSecrets('new', 'old') })
const base64 = hmacProof({
  header: 'X-Sign',
  encoding: 'base64',
  secrets: fixedSecrets('new', 'old'),
})
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
  assert.equal(hex.judge(claim({}, body)), 'missing')
  assert.equal(hex.judge(claim({ 'x-other': signature }, body)), 'missing')
  assert.equal(base64.judge(claim({ 'x-sign': signature }, body)), 'wrong')
  const flipped = Buffer.from(sign('new', 'base64'), 'base64')
  flipped[31] = (flipped[31] ?? 0) ^ 1
  assert.equal(base64.judge(claim({ 'x-sign': flipped.toString('base64') }, body)), 'wrong')
})

test('the challenge names the headers that are wanted', () => {
  const options = { header: 'X-Sign', encoding: 'hex', secrets: fixedSecrets('new') } as const
  assert.equal(hex.challenge, 'HMAC-SHA256 realm="inlet", header="X-Sign"')
  const timestamp = { header: 'X-Time', tolerance: 1000 }
  const timed = hmacProof({ ...options, timestamp })
  assert.equal(timed.challenge, 'HMAC-SHA256 realm="inlet", header="X-Sign", timestamp="X-Time"')
})

test('it agrees with the HMAC of every body and key', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 200 }), fc.uint8Array(), (key, bytes) => {
      const proof = hmacProof({ header: 's', encoding: 'hex', secrets: fixedSecrets(key) })
      const signed = Buffer.from(bytes)
      assert.equal(proof.judge(claim({ s: sign(key, 'hex', signed) }, signed)), 'holds')
      assert.equal(proof.judge(claim({ s: sign(`${key}.`, 'hex', signed) }, signed)), 'wrong')
    }),
  )
})

suite('a timestamp', () => {
  const at = 1_735_786_800_000
  const tolerance = 300_000
  const stamped = hmacProof({
    header: 'X-Sign',
    encoding: 'hex',
    timestamp: { header: 'X-Timestamp', tolerance },
    secrets: fixedSecrets('new', 'old'),
  })
  const judge = (stamp: string, signed = `${stamp}.${body}`, signedBody = body) =>
    stamped.judge({
      ...claim(
        { 'x-sign': sign('old', 'hex', Buffer.from(signed)), 'x-timestamp': stamp },
        signedBody,
      ),
      at,
    })

  test('is signed before the body, with a full stop between them', () => {
    assert.equal(judge('1735786800'), 'holds')
    assert.equal(judge('1735786800123'), 'holds')
    for (const signed of [
      `1735786800${body}`,
      `${body}.1735786800`,
      `${body}`,
      `1735786801.${body}`,
    ])
      assert.equal(judge('1735786800', signed), 'wrong', signed)
  })

  test('is signed before a body of any length', () => {
    for (const length of [0, 1, 16_383, 16_384, 16_385, 100_000]) {
      const long = Buffer.alloc(length, 'x')
      assert.equal(judge('1735786800', `1735786800.${long}`, long), 'holds', String(length))
      assert.equal(judge('1735786800', `1735786800.${long}y`, long), 'wrong', String(length))
    }
  })

  test('is stale outside of its tolerance, in the past and in the future', () => {
    const cases = [
      [at - tolerance, 'holds'],
      [at + tolerance, 'holds'],
      [at - tolerance - 1, 'stale'],
      [at + tolerance + 1, 'stale'],
    ] as const
    for (const [stamp, verdict] of cases) assert.equal(judge(String(stamp)), verdict, verdict)
    assert.equal(judge(String(at / 1000 - 301)), 'stale')
    assert.equal(judge(String(at / 1000 + 301)), 'stale')
    assert.equal(judge(String(at / 1000 + 301), 'something else'), 'wrong')
  })

  test('is wrong where it is missing or no whole number', () => {
    const stamps = ['', '-1735786800', '1735786800.0', '1.7e9', '0x67', ' 1735786800', 'now']
    for (const stamp of [...stamps, '173578680012345', '2025-01-02T03:00:00Z'])
      assert.equal(judge(stamp), 'wrong', stamp)
    const signature = sign('new', 'hex', Buffer.from(`1735786800.${body}`))
    assert.equal(stamped.judge({ ...claim({ 'x-sign': signature }, body), at }), 'missing')
    const unstamped = claim({ 'x-sign': sign('new', 'hex') }, body)
    assert.equal(stamped.judge({ ...unstamped, at }), 'missing')
  })
})

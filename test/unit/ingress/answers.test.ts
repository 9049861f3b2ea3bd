import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InletError } from '../../../src/core/errors.ts'
import { seededRandom } from '../../../src/core/random.ts'
import { type Answer, answerTo, refusal } from '../../../src/ingress/answers.ts'

const left = { filtered: 0, filteredFor: new Map<string, number>(), shed: [] as string[] }
const none = { ...left, stored: 0, duplicate: 0, quarantined: 0 }
const facts = {
  allow: 'POST',
  challenges: ['A realm="x"', 'B'],
  retryAfterSeconds: 10,
  deferStatus: 503,
} as const
const refuse = (error: InletError, random = seededRandom(1)) => refusal(error, facts, random)
const headersOf = ({ headers }: Answer) =>
  headers.flatMap((name, index) => (index % 2 === 0 ? [[name, headers[index + 1]]] : []))

test('outcomes say what became of the delivery', () => {
  const cases = [
    [{ batch: false, ...none, stored: 1 }, 200, '{"outcome":"stored"}'],
    [{ batch: false, ...none, duplicate: 1 }, 200, '{"outcome":"duplicate"}'],
    [{ batch: false, ...none, quarantined: 1 }, 202, '{"outcome":"quarantined"}'],
    [{ batch: false, ...none, filtered: 1 }, 200, '{"outcome":"filtered"}'],
    [{ batch: false, ...none, shed: ['1'] }, 200, '{"outcome":"shed"}'],
    [
      { ...left, batch: true, stored: 3, duplicate: 2, quarantined: 1 },
      200,
      '{"outcome":"batch","stored":3,"duplicate":2,"quarantined":1}',
    ],
    [
      { ...left, batch: true, stored: 3, duplicate: 2, quarantined: 1, filtered: 4, shed: ['a'] },
      200,
      '{"outcome":"batch","stored":3,"duplicate":2,"quarantined":1,"filtered":4,"shed":1}',
    ],
  ] as const
  for (const [receipt, status, body] of cases) {
    const answer = answerTo(receipt)
    assert.deepEqual([answer.status, answer.body], [status, body])
    assert.deepEqual(headersOf(answer), [
      ['Content-Type', 'application/json'],
      ['Content-Length', String(body.length)],
    ])
  }
})

test('a refusal is a problem document with the code of the error', () => {
  const answer = refuse(new InletError('INL_ING_PROOF'))
  const { detail, ...rest } = JSON.parse(answer.body)
  assert.deepEqual(rest, {
    type: 'about:blank',
    title: 'Unauthorized',
    status: 401,
    code: 'INL_ING_PROOF',
  })
  assert.match(detail, /does not prove/)
  assert.deepEqual(headersOf(answer), [
    ['Content-Type', 'application/problem+json'],
    ['Content-Length', String(Buffer.byteLength(answer.body))],
    ['WWW-Authenticate', 'A realm="x"'],
    ['WWW-Authenticate', 'B'],
  ])
})

test('405 says what is allowed, 415 what is accepted', () => {
  const method = refuse(new InletError('INL_ING_METHOD', { allowed: 'POST' }))
  assert.equal(method.status, 405)
  assert.ok(headersOf(method).some(([name, value]) => name === 'Allow' && value === 'POST'))
  const encoding = refuse(new InletError('INL_ING_ENCODING'))
  assert.equal(encoding.status, 415)
  assert.ok(headersOf(encoding).some(([name]) => name === 'Accept-Encoding'))
})

test('a fault of ours is 503, comes back spread, and tells nothing of us', () => {
  const path = '/secret/place'
  const faults = [
    new InletError('INL_JRN_FULL', { path, reason: 'full' }),
    new InletError('INL_JRN_LOCKED', { path }),
    new InletError('INL_COR_UNIT', { text: path, kind: 'size', example: '' }),
    new InletError('INL_ING_FAILED', {}, new Error(path)),
  ]
  for (const fault of faults) {
    const answer = refuse(fault)
    assert.equal(answer.status, 503)
    assert.doesNotMatch(answer.body, /secret/)
    assert.equal(JSON.parse(answer.body).code, fault.code)
  }
  const random = seededRandom(7)
  const waits = Array.from({ length: 300 }, () => {
    const answer = refuse(new InletError('INL_ING_FAILED'), random)
    return Number(headersOf(answer).find(([name]) => name === 'Retry-After')?.[1])
  })
  assert.deepEqual(
    [...new Set(waits)].sort((a, b) => a - b),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  )
})

test('a deferral says when to come again, in a status that the sender tries again', () => {
  const error = new InletError('INL_ING_RATE', { source: 'x', retryAfterSeconds: 40 })
  for (const deferStatus of [503, 429] as const) {
    const answer = refusal(error, { ...facts, deferStatus }, seededRandom(1))
    assert.equal(answer.status, deferStatus)
    const after = Number(answer.headers[answer.headers.indexOf('Retry-After') + 1])
    assert.ok(after >= 40 && after < 50, String(after))
  }
  const full = new InletError('INL_JRN_FULL', { path: '/j', reason: 'no room' })
  assert.equal(refusal(full, { ...facts, deferStatus: 429 }, seededRandom(1)).status, 503)
})

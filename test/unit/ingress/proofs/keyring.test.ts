import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { hmacProof } from '../../../../src/ingress/proofs/hmac.ts'
import { Keyring } from '../../../../src/ingress/proofs/keyring.ts'
import { fixedSecrets, type SecretSet } from '../../../../src/ingress/proofs/live-secrets.ts'

function exchangeable(first: SecretSet) {
  let set = first
  return {
    current: () => set,
    exchange(next: SecretSet) {
      set = next
    },
  }
}

test('keys are made once for each change of the secrets', () => {
  const made: string[] = []
  const secrets = exchangeable({ values: ['a'], complete: true })
  const keys = new Keyring(secrets, (secret) => {
    made.push(secret)
    return secret
  })
  assert.equal(
    keys.judge((key) => key === 'a'),
    'holds',
  )
  assert.equal(
    keys.judge((key) => key === 'b'),
    'wrong',
  )
  secrets.exchange({ values: ['b', 'c'], complete: true })
  assert.equal(
    keys.judge((key) => key === 'b'),
    'holds',
  )
  assert.equal(
    keys.judge((key) => key === 'a'),
    'wrong',
  )
  assert.deepEqual(made, ['a', 'b', 'c'])
})

test('who fits no secret is not wrong while one of them is missing', () => {
  const keys = new Keyring({ current: () => ({ values: ['a'], complete: false }) }, (one) => one)
  assert.equal(
    keys.judge((key) => key === 'a'),
    'holds',
  )
  assert.equal(
    keys.judge((key) => key === 'b'),
    'unknown',
  )
})

test('an empty secret, which everybody knows, is none', () => {
  const keys = new Keyring(fixedSecrets(''), (one) => one)
  assert.equal(
    keys.judge(() => true),
    'wrong',
  )
})

test('a secret shows in no inspection of what holds it', () => {
  const secrets = fixedSecrets('hunter2-hunter2')
  const proof = hmacProof({ header: 'X-Sign', encoding: 'hex', secrets })
  const keys = new Keyring(secrets, (one) => one)
  keys.judge(() => false)
  const shown = [secrets, proof, keys].map((one) => inspect(one, { depth: 10, showHidden: true }))
  assert.doesNotMatch(shown.join() + JSON.stringify([secrets, proof, keys]), /hunter2/)
})

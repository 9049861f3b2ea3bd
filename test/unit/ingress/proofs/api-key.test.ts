import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiKeyProof } from '../../../../src/ingress/proofs/api-key.ts'

const proof = apiKeyProof({ header: 'X-Api-Key', secrets: ['new', 'old'] })
const nothing = Buffer.alloc(0)

test('any live key holds, and nothing like it', () => {
  assert.equal(proof.holds({ 'x-api-key': 'new' }, nothing), true)
  assert.equal(proof.holds({ 'x-api-key': 'old' }, nothing), true)
  for (const value of ['', 'ne', 'neww', 'New', 'new, new', 'new ', 'older'])
    assert.equal(proof.holds({ 'x-api-key': value }, nothing), false, value)
  assert.equal(proof.holds({}, nothing), false)
  assert.equal(proof.holds({ 'x-api-keys': 'new' }, nothing), false)
})

test('it is judged from the head alone, and names the header that must not be stored', () => {
  assert.equal(proof.coversBody, false)
  assert.deepEqual(proof.headers, ['x-api-key'])
  assert.doesNotMatch(proof.challenge, /new|old/)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiKeyProof } from '../../../../src/ingress/proofs/api-key.ts'
import { fixedSecrets } from '../../../../src/ingress/proofs/live-secrets.ts'
import { claim } from '../../../support/claim.ts'

const proof = apiKeyProof({ header: 'X-Api-Key', secrets: fixedSecrets('new', 'old') })

test('any live key holds, and nothing like it', () => {
  assert.equal(proof.judge(claim({ 'x-api-key': 'new' })), 'holds')
  assert.equal(proof.judge(claim({ 'x-api-key': 'old' })), 'holds')
  for (const value of ['', 'ne', 'neww', 'New', 'new, new', 'new ', 'older'])
    assert.equal(proof.judge(claim({ 'x-api-key': value })), 'wrong', value)
  assert.equal(proof.judge(claim({})), 'missing')
  assert.equal(proof.judge(claim({ 'x-api-keys': 'new' })), 'missing')
})

test('it is judged from the head alone, and names the header that must not be stored', () => {
  assert.equal(proof.coversBody, false)
  assert.deepEqual(proof.headers, ['x-api-key'])
  assert.doesNotMatch(proof.challenge ?? '', /new|old/)
})

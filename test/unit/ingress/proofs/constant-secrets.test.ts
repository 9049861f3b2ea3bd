/** Secrets that stand in a header as they are: each kind right, wrong and missing. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { basicProof } from '../../../../src/ingress/proofs/basic.ts'
import { bearerProof } from '../../../../src/ingress/proofs/bearer.ts'
import { firehoseKeyProof } from '../../../../src/ingress/proofs/firehose-key.ts'
import { fixedSecrets } from '../../../../src/ingress/proofs/live-secrets.ts'
import type { Proof } from '../../../../src/ingress/proofs/proof.ts'
import { claim } from '../../../support/claim.ts'

const secrets = fixedSecrets('new', 'old')
const base64 = (text: string) => Buffer.from(text).toString('base64')

interface Case {
  readonly proof: Proof
  readonly header: string
  readonly right: readonly string[]
  readonly wrong: readonly string[]
}

const cases: readonly Case[] = [
  {
    proof: basicProof({ user: 'genesys', secrets }),
    header: 'authorization',
    right: [`Basic ${base64('genesys:new')}`, `basic  ${base64('genesys:old')}`],
    wrong: [
      '',
      'Basic',
      'Basic ',
      base64('genesys:new'),
      `Bearer ${base64('genesys:new')}`,
      `Basic ${base64('genesys:')}`,
      `Basic ${base64('genesys:new ')}`,
      `Basic ${base64('Genesys:new')}`,
      `Basic ${base64(':new')}`,
      `Basic ${base64('genesysnew')}`,
      `Basic ${base64('genesys:new')} x`,
      'Basic genesys:new',
    ],
  },
  {
    proof: bearerProof({ secrets }),
    header: 'authorization',
    right: ['Bearer new', 'bearer  old', 'BEARER new'],
    wrong: [
      '',
      'Bearer',
      'Bearer ',
      'new',
      'Basic new',
      'Bearer newer',
      'Bearer new old',
      'Bearer,new',
    ],
  },
  {
    proof: firehoseKeyProof({ secrets }),
    header: 'x-amz-firehose-access-key',
    right: ['new', 'old'],
    wrong: ['', 'ne', 'newer', 'New', 'new, old'],
  },
]

for (const { proof, header, right, wrong } of cases) {
  suite(proof.name, () => {
    test('holds with any live secret', () => {
      for (const value of right) assert.equal(proof.judge(claim({ [header]: value })), 'holds')
    })

    test('is wrong with anything else, and missing', () => {
      for (const value of wrong)
        assert.equal(proof.judge(claim({ [header]: value })), 'wrong', value)
      assert.equal(proof.judge(claim({})), 'missing')
      assert.equal(proof.judge(claim({ 'x-other': right[0] ?? '' })), 'missing')
    })

    test('needs no body, and names its header, which is never stored', () => {
      assert.equal(proof.coversBody, false)
      assert.deepEqual(proof.headers, [header])
      assert.doesNotMatch(proof.challenge ?? '', /new|old|genesys/)
    })
  })
}

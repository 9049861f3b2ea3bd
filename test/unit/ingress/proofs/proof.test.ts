import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeAll, type Proof, type Verdict } from '../../../../src/ingress/proofs/proof.ts'
import { claim } from '../../../support/claim.ts'

const giving = (verdict: Verdict): Proof => ({
  name: verdict,
  challenge: null,
  headers: [],
  coversBody: false,
  judge: () => verdict,
})

test('all proofs must hold, and the worst verdict is the one that counts, in any order', () => {
  const cases: [Verdict[], Verdict][] = [
    [[], 'holds'],
    [['holds', 'holds'], 'holds'],
    [['holds', 'unknown'], 'unknown'],
    [['unknown', 'wrong', 'holds'], 'wrong'],
    [['unknown', 'stale', 'holds'], 'stale'],
    [['stale', 'missing', 'unknown'], 'missing'],
    [['missing', 'wrong', 'stale'], 'wrong'],
    [['wrong', 'forbidden', 'unknown'], 'forbidden'],
  ]
  for (const [given, verdict] of cases) {
    assert.equal(judgeAll(given.map(giving), claim({})), verdict)
    assert.equal(judgeAll(given.reverse().map(giving), claim({})), verdict)
  }
})

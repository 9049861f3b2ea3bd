import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { readClientCertificate } from '../../../../src/ingress/clients/client-certificate.ts'
import { addressProof } from '../../../../src/ingress/proofs/address.ts'
import { clientCertificateProof } from '../../../../src/ingress/proofs/client-certificate.ts'
import { testPki } from '../../../support/certificates.ts'
import { claim } from '../../../support/claim.ts'

const issued = testPki().client('genesys')
const certificate = readClientCertificate(new X509Certificate(issued.certificate))
assert.ok(certificate !== null)
const { notBefore, notAfter } = certificate
const proof = clientCertificateProof([{ commonName: 'other' }, { commonName: 'genesys' }])
const peer = { address: '192.0.2.1', certificate }
const at = (time: number) => proof.judge({ ...claim({}), peer, at: time })

test('a certificate that is named holds while it is good', () => {
  assert.equal(at(notBefore), 'holds')
  assert.equal(at(notAfter), 'holds')
  assert.equal(at(notAfter + 1), 'forbidden')
  assert.equal(at(notBefore - 1), 'forbidden')
  assert.equal(proof.proven?.(peer), 'CN=genesys')
})

test('one that is not named, and none at all, are forbidden', () => {
  const strict = clientCertificateProof([{ commonName: 'other' }])
  const now = { at: notBefore }
  assert.equal(strict.judge({ ...claim({}), ...now, peer }), 'forbidden')
  assert.equal(proof.judge({ ...claim({}), ...now }), 'forbidden')
})

test('an address that is allowed holds, any other is forbidden', () => {
  const addresses = addressProof(['192.0.2.0/24'])
  assert.equal(addresses.judge({ ...claim({}), peer }), 'holds')
  assert.equal(addresses.judge({ ...claim({}), peer }), 'holds')
  assert.equal(addresses.judge(claim({})), 'forbidden')
})

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import {
  type CertificatePattern,
  certificateMatcher,
} from '../../../../src/ingress/clients/certificate-pattern.ts'
import {
  type ClientCertificate,
  readClientCertificate,
} from '../../../../src/ingress/clients/client-certificate.ts'
import { testPki } from '../../../support/certificates.ts'
import { temporaryFolder } from '../../../support/temporary.ts'

const pki = testPki()

function read(pem: string): ClientCertificate {
  const certificate = readClientCertificate(new X509Certificate(pem))
  assert.ok(certificate !== null)
  return certificate
}

const named = (commonName: string, altNames: string[] = []) =>
  read(pki.client(commonName, { altNames }).certificate)
const matches = (pattern: CertificatePattern, certificate: ClientCertificate) =>
  certificateMatcher(pattern).matches(certificate)

test('a common name is compared whole', () => {
  const pattern = { commonName: 'genesys-prod' }
  assert.ok(matches(pattern, named('genesys-prod')))
  const others = [
    'genesys-pro',
    'genesys-prod2',
    'Genesys-prod',
    'genesys-prod ',
    'genesys-prod\0',
    'genesys-prod\0.evil.example',
    'evil,CN=genesys-prod',
    'evil\nCN=genesys-prod',
    'evil/CN=genesys-prod',
    'CN=genesys-prod',
    'genesys-prod,O=evil',
  ]
  for (const other of others) assert.ok(!matches(pattern, named(other)), JSON.stringify(other))
})

test('a common name with a comma is that name', () => {
  assert.ok(matches({ commonName: 'Genesys, Inc. "prod"' }, named('Genesys, Inc. "prod"')))
  assert.ok(!matches({ commonName: 'Genesys' }, named('Genesys, Inc. "prod"')))
})

test('a subject of several common names has none', async () => {
  const { path, dispose } = await temporaryFolder()
  const certificate = `${path}/several.pem`
  const subject = ['-subj', '/CN=genesys-prod/CN=other']
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const files = ['-keyout', `${path}/several.key`, '-out', certificate]
  execFileSync('openssl', ['req', '-x509', ...key, ...files, ...subject], { stdio: 'pipe' })
  const several = read(execFileSync('cat', [certificate]).toString())
  await dispose()
  assert.deepEqual(several.commonNames, ['genesys-prod', 'other'])
  assert.ok(!matches({ commonName: 'genesys-prod' }, several))
  assert.ok(!matches({ commonName: 'other' }, several))
})

test('an alternative name is one of its kind', () => {
  const text = 'spiffe://example.org/genesys'
  const certificate = named('x', [
    'sender.example.com',
    '*.example.net',
    `URI:${text}`,
    'email:events@example.com',
    '203.0.113.9',
    '2001:db8::9',
  ])
  const good = [
    'sender.example.com',
    'SENDER.example.com',
    'DNS:sender.example.com',
    '*.example.net',
    text,
    `URI:${text}`,
    'events@example.com',
    'email:events@example.com',
    '203.0.113.9',
    'IP:203.0.113.9',
    '2001:db8:0:0::9',
  ]
  for (const san of good) assert.ok(matches({ san }, certificate), san)
  const bad = [
    'example.com',
    'a.example.net',
    'sender.example.com.',
    'URI:sender.example.com',
    'DNS:203.0.113.9',
    'email:sender.example.com',
    'x',
    'spiffe://example.org',
    'spiffe://example.org/Genesys',
    '203.0.113.90',
    '2001:db8::90',
  ]
  for (const san of bad) assert.ok(!matches({ san }, certificate), san)
})

test('a name of a kind that looks like another kind stays of its kind', () => {
  assert.ok(!matches({ san: 'a.example' }, named('x', ['evil, DNS:a.example'])))
  assert.ok(!matches({ san: 'a.example' }, named('x', ['URI:http://e/, DNS:a.example'])))
  assert.ok(!matches({ san: 'a.example' }, named('x', ['a.example\0.evil'])))
})

test('a fingerprint is one certificate, however it is written', () => {
  const one = pki.client('same')
  const certificate = read(one.certificate)
  const colons = new X509Certificate(one.certificate).fingerprint256
  const plain = colons.replaceAll(':', '')
  for (const fingerprint256 of [colons, plain, plain.toLowerCase()])
    assert.ok(matches({ fingerprint256 }, certificate))
  assert.ok(!matches({ fingerprint256: colons }, read(pki.client('same').certificate)))
})

test('what matched is named in a few words', () => {
  assert.equal(certificateMatcher({ commonName: 'a' }).text, 'CN=a')
  assert.equal(certificateMatcher({ san: 'A.example' }).text, 'DNS=a.example')
  assert.equal(certificateMatcher({ san: 'urn:a' }).text, 'URI=urn:a')
})

import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { systemClock } from '../../../../src/core/clock.ts'
import { hasCode } from '../../../../src/core/errors.ts'
import { ProxyWord } from '../../../../src/ingress/clients/proxy-word.ts'
import { clientTrust } from '../../../../src/ingress/clients/trust.ts'
import { testPki } from '../../../support/certificates.ts'

const pki = testPki()
const now = systemClock.now()
const issued = pki.client('genesys').certificate
const escaped = encodeURIComponent(issued)
const serial = new X509Certificate(issued).serialNumber
const addresses = ['10.0.0.0/8', 'fd00::/8']
const nginx = new ProxyWord({ kind: 'nginx', mode: 'verify', addresses })
const envoy = new ProxyWord({ kind: 'envoy', mode: 'verify', addresses })
const alb = new ProxyWord({ kind: 'alb', mode: 'verify', addresses })
const proven = { 'x-inlet-client-verify': 'SUCCESS', 'x-inlet-client-certificate': escaped }

type Texts = Readonly<Record<string, string>>
const headersOf = (texts: Texts) => new Map(Object.entries(texts))
const namesOf = (proxy: ProxyWord, texts: Texts) =>
  proxy.read(headersOf(texts), now).certificate?.commonNames ?? null
const addressOf = (forwarded: string) =>
  nginx.read(headersOf({ 'x-forwarded-for': forwarded }), now).address

test('the client is the last address that is no proxy', () => {
  assert.equal(addressOf('203.0.113.9'), '203.0.113.9')
  assert.equal(addressOf('1.2.3.4, 203.0.113.9'), '203.0.113.9')
  assert.equal(addressOf('1.2.3.4, 203.0.113.9, 10.0.0.7, fd00::1'), '203.0.113.9')
  assert.equal(addressOf('1.2.3.4,[2001:db8::9]:4711'), '2001:db8::9')
  assert.equal(addressOf('::ffff:203.0.113.9'), '203.0.113.9')
  assert.equal(addressOf('10.0.0.1, 10.0.0.2'), '10.0.0.1')
})

test('what is no address stands for nobody, not for one beside it', () => {
  for (const text of ['', 'unknown', '203.0.113.9, unknown', '203.0.113.9,', '1.2.3'])
    assert.equal(addressOf(text), '', text)
})

test('who connects from elsewhere is no proxy', () => {
  assert.ok(nginx.isProxy('10.1.2.3') && nginx.isProxy('fd00::2'))
  assert.ok(!nginx.isProxy('11.0.0.1') && !nginx.isProxy('') && !nginx.isProxy('fe80::1'))
})

test('NGINX is believed a certificate that it has verified', () => {
  assert.deepEqual(namesOf(nginx, proven), ['genesys'])
  for (const verify of ['FAILED:certificate has expired', 'NONE', '', 'success'])
    assert.equal(namesOf(nginx, { ...proven, 'x-inlet-client-verify': verify }), null)
  assert.equal(namesOf(nginx, { 'x-inlet-client-certificate': escaped }), null)
  assert.equal(namesOf(nginx, { 'x-inlet-client-verify': 'SUCCESS' }), null)
})

test('an ALB is believed the leaf whose serial number stands beside it', () => {
  const leaf = { 'x-amzn-mtls-clientcert-leaf': escaped.replace(/%2[BF]|%3D/g, decodeURIComponent) }
  const number = 'x-amzn-mtls-clientcert-serial-number'
  assert.deepEqual(namesOf(alb, leaf), ['genesys'])
  assert.deepEqual(namesOf(alb, { ...leaf, [number]: serial }), ['genesys'])
  assert.equal(namesOf(alb, { ...leaf, [number]: '01' }), null)
  assert.equal(namesOf(alb, { 'x-amzn-mtls-clientcert': escaped }), null)
})

test('Envoy is believed the one certificate that it forwards, if its hash is that of it', () => {
  const forwarded = (text: string) => namesOf(envoy, { 'x-forwarded-client-cert': text })
  const hash = new X509Certificate(issued).fingerprint256.replaceAll(':', '').toLowerCase()
  const by = 'By=spiffe://mesh/inlet'
  assert.deepEqual(forwarded(`Cert="${escaped}"`), ['genesys'])
  const whole = `${by};Hash=${hash};Cert="${escaped}";Subject="CN=a,O=\\"b;c\\"";URI=x;URI=y;DNS=z`
  assert.deepEqual(forwarded(whole), ['genesys'])
  assert.equal(forwarded(`Hash=${hash.replace(/^./, 'x')};Cert="${escaped}"`), null)
  for (const text of [by, `Hash=${hash}`, 'Cert=', '', `Subject="Cert=${escaped}"`])
    assert.equal(forwarded(text), null, text)
  const torn = [`${whole},${whole}`, `Cert=a;Cert="${escaped}"`, `Cert="${escaped}`, 'a', ';']
  for (const text of torn)
    assert.throws(
      () => forwarded(text),
      (error) => hasCode(error, 'INL_ING_PROXY_HEADERS'),
      text,
    )
})

test('the headers of another kind of proxy are not read', () => {
  assert.equal(namesOf(alb, proven), null)
  assert.equal(namesOf(nginx, { 'x-amzn-mtls-clientcert-leaf': escaped }), null)
})

test('behind a load balancer that verifies nothing, the chain is verified here', () => {
  const through = new ProxyWord({ kind: 'alb', mode: 'passthrough', addresses })
  const header = (pem: string) => ({ 'x-amzn-mtls-clientcert': encodeURIComponent(pem) })
  assert.equal(namesOf(through, header(issued)), null)
  through.trust(clientTrust({ ca: pki.ca, crl: null }))
  assert.deepEqual(namesOf(through, header(issued)), ['genesys'])
  assert.equal(namesOf(through, header(testPki().client('genesys').certificate)), null)
  assert.equal(namesOf(through, { 'x-amzn-mtls-clientcert-leaf': escaped }), null)
})

test('authorities and revocations count whoever has verified, from when they are given', () => {
  const proxy = new ProxyWord({ kind: 'nginx', mode: 'verify', addresses })
  assert.deepEqual(namesOf(proxy, proven), ['genesys'])
  proxy.trust(clientTrust({ ca: testPki('Another').ca, crl: null }))
  assert.equal(namesOf(proxy, proven), null)
  proxy.trust(clientTrust({ ca: pki.ca, crl: pki.crl() }))
  assert.deepEqual(namesOf(proxy, proven), ['genesys'])
  const out = pki.crl([{ certificate: issued, key: '' }])
  proxy.trust(clientTrust({ ca: pki.ca, crl: out }))
  assert.equal(namesOf(proxy, proven), null)
})

test('a header that says two things is refused, one that says nothing proves nothing', () => {
  const twice = (error: unknown) => hasCode(error, 'INL_ING_PROXY_HEADERS')
  for (const name of Object.keys(proven)) {
    const value = `${proven[name as keyof typeof proven]}, SUCCESS`
    assert.throws(() => nginx.read(headersOf({ ...proven, [name]: value }), now), twice)
  }
  for (const text of ['%', 'nothing', '%00', escaped.slice(0, 200)])
    assert.equal(namesOf(nginx, { ...proven, 'x-inlet-client-certificate': text }), null)
})

import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { suite, test } from 'node:test'
import { rootCertificates } from 'node:tls'
import { judgeTls, type TlsTexts } from '../../../src/app/doctor/tls-checks.ts'
import { makeCertificateAuthority } from '../../../src/core/certificate.ts'
import { seededRandom } from '../../../src/core/random.ts'
import { movableClock } from '../../support/clock.ts'

const clock = movableClock()
const deps = { random: seededRandom(1), now: () => clock.now() }
const authority = makeCertificateAuthority(deps, { commonName: 'Test root', days: 900 })
const request = { commonName: 'in.example.com', altNames: ['in.example.com'], days: 90 }
const server = authority.issue(request)
const sound: TlsTexts = {
  cert: server.certificate + authority.certificate,
  key: server.key,
  minVersion: 'TLSv1.2',
  certFile: '/keys/server.pem',
}

const known = [new X509Certificate(authority.certificate)]

function levels(changes: Partial<TlsTexts>, at = clock, roots = known): Record<string, string> {
  const findings = judgeTls({ ...sound, ...changes }, at, roots)
  return Object.fromEntries(findings.map(({ name, level }) => [name, level]))
}

suite('doctor on TLS', () => {
  test('is content with a chain in order, its key, and a month to go', () => {
    assert.deepEqual(levels({}), {
      'TLS key': 'ok',
      'TLS certificate': 'ok',
      'TLS chain': 'ok',
    })
  })

  test('fails on a key of another certificate', () => {
    assert.equal(levels({ key: authority.issue(request).key })['TLS key'], 'fail')
  })

  test('warns a month before the end, and fails behind it and before the beginning', () => {
    const at = (days: number) => movableClock(clock.now() + days * 86_400_000)
    assert.equal(levels({}, at(59))['TLS certificate'], 'ok')
    assert.equal(levels({}, at(61))['TLS certificate'], 'warn')
    assert.equal(levels({}, at(91))['TLS certificate'], 'fail')
    assert.equal(levels({}, at(-2))['TLS certificate'], 'fail')
  })

  test('warns of a chain that ends before its issuer, and of one that signs itself', () => {
    const alone = judgeTls({ ...sound, cert: server.certificate }, clock)
    assert.match(alone.find(({ name }) => name === 'TLS chain')?.detail ?? '', /issuer Test root/)
    const self = levels({ cert: authority.certificate, key: authority.key }, clock, [])
    assert.equal(self['TLS chain'], 'warn')
  })

  test('warns where no public root stands behind the chain', () => {
    assert.equal(levels({ cert: server.certificate })['TLS chain'], 'ok')
    assert.equal(levels({}, clock, [])['TLS chain'], 'warn')
    assert.ok(rootCertificates.length > 50)
    const findings = judgeTls(sound, clock)
    assert.match(findings.find(({ name }) => name === 'TLS chain')?.detail ?? '', /no public root/)
  })

  test('fails on a chain out of order, with the names of both', () => {
    const other = makeCertificateAuthority(deps, { commonName: 'Other root', days: 9 })
    const findings = judgeTls({ ...sound, cert: server.certificate + other.certificate }, clock)
    const chain = findings.find(({ name }) => name === 'TLS chain')
    assert.equal(chain?.level, 'fail')
    assert.match(chain?.detail ?? '', /in\.example\.com was not issued by Other root/)
  })

  test('fails on texts that are no PEM', () => {
    assert.deepEqual(levels({ cert: 'nothing' }), { 'TLS certificate': 'fail' })
    assert.deepEqual(levels({ key: 'nothing' }), { 'TLS files': 'fail' })
    const torn = '-----BEGIN CERTIFICATE-----\nMIIBtorn\n-----END CERTIFICATE-----\n'
    const detail = (changes: Partial<TlsTexts>) =>
      judgeTls({ ...sound, ...changes }, clock)[0]?.detail
    assert.match(String(detail({ cert: torn })), new RegExp(`^${sound.certFile} cannot be used: `))
    assert.match(String(detail({ key: 'nothing' })), /^listen\.tls\.keyFile cannot be used: /)
  })
})

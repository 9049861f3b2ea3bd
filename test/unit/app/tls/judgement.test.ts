import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { judgeTls, requireServable } from '../../../../src/app/tls/judgement.ts'
import { systemClock } from '../../../../src/core/clock.ts'
import { hasCode } from '../../../../src/core/errors.ts'
import type { TlsOptions } from '../../../../src/ingress/options.ts'
import { testPki } from '../../../support/certificates.ts'

const pki = testPki('Test authority', { days: 100 })
const other = testPki('Other authority', { days: 100 })
const now = systemClock.now()
const day = 86_400_000

function judged(clients: TlsOptions['clients'], at = now, change: Partial<TlsOptions> = {}) {
  const { certificate: cert, key } = pki.server
  const tls: TlsOptions = { cert, key, minVersion: 'TLSv1.2', ...(clients && { clients }) }
  return judgeTls({ ...tls, ...change }, at).map(
    ({ key: file, level, what }) => `${level} ${file} ${what}`,
  )
}

const only = (remarks: readonly string[], pattern: RegExp) => {
  assert.equal(remarks.length, 1, remarks.join('\n'))
  assert.match(remarks[0] ?? '', pattern)
}

suite('certificate files', () => {
  test('that are sound are not spoken of', () => {
    assert.deepEqual(judged(undefined), [])
    assert.deepEqual(judged({ ca: pki.ca, crl: null }), [])
    assert.deepEqual(judged({ ca: pki.ca + other.ca, crl: pki.crl() + other.crl() }), [])
  })

  test('want a revocation list of every authority or of none', () => {
    const remarks = judged({ ca: pki.ca + other.ca, crl: pki.crl() })
    only(remarks, /^fail clientCrlFile holds no revocation list of Other authority/)
    only(judged({ ca: pki.ca, crl: other.crl() }), /^fail .* of Test authority/)
    only(judged({ ca: pki.ca, crl: '' }), /^fail clientCrlFile holds no revocation list$/)
  })

  test('warn when a list is soon to be renewed, and fail when it was', () => {
    const crl = pki.crl([], 4)
    assert.deepEqual(judged({ ca: pki.ca, crl }, now + 2 * day), [])
    only(judged({ ca: pki.ca, crl }, now + 3.5 * day), /^warn .* is to be renewed by/)
    only(judged({ ca: pki.ca, crl }, now + 4.5 * day), /^fail .* every client certificate is ref/)
  })

  test('hold authorities, and a root among them', () => {
    const client = pki.client('genesys', { days: 90 }).certificate
    only(judged({ ca: pki.ca + client, crl: null }), /^fail clientCaFile genesys is no authority/)
    only(judged({ ca: '', crl: null }), /^fail clientCaFile holds no certificate/)
    only(
      judged({ ca: '-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----', crl: null }),
      /c/,
    )
  })

  test('warn a month ahead, and fail when they expired', () => {
    only(judged(undefined, now + 75 * day), /^warn certFile localhost has 24 days left/)
    only(judged(undefined, now + 101 * day), /^fail certFile localhost expired/)
    only(judged(undefined, now - 2 * day), /^fail certFile localhost is not good before/)
  })

  test('fail where key and certificate are of two pairs, or no PEM', () => {
    only(judged(undefined, now, { key: other.server.key }), /^fail keyFile does not belong/)
    only(judged(undefined, now, { key: 'nothing' }), /^fail certFile cannot be used/)
    only(judged(undefined, now, { cert: 'nothing' }), /^fail certFile holds no certificate/)
  })

  test('name the file with which nobody could be served', () => {
    const { certificate: cert, key } = pki.server
    const minVersion = 'TLSv1.2' as const
    const files = { certFile: 'a/server.pem', keyFile: 'a/server.key', minVersion }
    requireServable(null, undefined)
    requireServable({ cert, key, minVersion, clients: { ca: 'torn', crl: null } }, files)
    const named = (tls: Partial<TlsOptions>, path: string) =>
      assert.throws(
        () => requireServable({ cert, key, minVersion, ...tls }, files),
        (error) => hasCode(error, 'INL_APP_TLS_UNUSABLE') && error.message.includes(path),
      )
    named({ cert: cert.slice(0, 300) }, 'certFile a/server.pem')
    named({ key: other.server.key }, 'keyFile a/server.key')
  })
})

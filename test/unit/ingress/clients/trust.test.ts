import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { systemClock } from '../../../../src/core/clock.ts'
import { isListOf, revocationListsIn } from '../../../../src/core/revocation-list.ts'
import { clientTrust } from '../../../../src/ingress/clients/trust.ts'
import { testPki } from '../../../support/certificates.ts'
import { opensslPki } from '../../../support/openssl.ts'

const pki = testPki()
const other = testPki('Another authority')
const namesake = testPki()
const day = 86_400_000
const now = systemClock.now()

function refusal(pem: string, options: { ca?: string; crl?: string | null; at?: number } = {}) {
  const { ca = pki.ca, crl = null, at = now } = options
  return clientTrust({ ca, crl }).refusal(new X509Certificate(pem), { others: [], at })
}

suite('a client certificate', () => {
  const { certificate } = pki.client('a')

  test('passes where a trusted authority has issued it', () => {
    assert.equal(refusal(certificate), null)
    assert.equal(refusal(certificate, { ca: `${other.ca}${pki.ca}` }), null)
  })

  test('does not pass for an authority of the same name, or none', () => {
    assert.match(String(refusal(certificate, { ca: namesake.ca })), /no authority/)
    assert.match(String(refusal(certificate, { ca: other.ca })), /no authority/)
    assert.match(String(refusal(certificate, { ca: '' })), /no authority/)
  })

  test('passes in its time only', () => {
    assert.match(String(refusal(certificate, { at: now + 3 * day })), /expired/)
    assert.match(String(refusal(certificate, { at: now - day })), /not valid yet/)
  })

  test('does not pass when it is for servers', () => {
    const { certificate: server } = pki.client('a', { use: 'server' })
    assert.match(String(refusal(server)), /not for clients/)
  })

  test('does not pass when it is revoked, or when nobody can tell', () => {
    const out = pki.client('a')
    const crl = pki.crl([out])
    assert.equal(refusal(certificate, { crl }), null)
    assert.match(String(refusal(out.certificate, { crl })), /revoked/)
    assert.match(String(refusal(certificate, { crl, at: now + 1.5 * day })), /in date/)
    assert.match(String(refusal(certificate, { crl: other.crl() })), /in date/)
  })
})

test('a list is that of who signed it', () => {
  const [list] = revocationListsIn(pki.crl())
  assert.ok(list !== undefined)
  assert.ok(isListOf(list, new X509Certificate(pki.ca)))
  assert.ok(!isListOf(list, new X509Certificate(namesake.ca)))
  assert.ok(!isListOf(list, new X509Certificate(other.ca)))
})

test('what is neither certificate nor list is told', () => {
  const block = (label: string) => `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----`
  assert.throws(() => clientTrust({ ca: block('CERTIFICATE'), crl: null }))
  assert.throws(() => clientTrust({ ca: pki.ca, crl: block('X509 CRL') }))
})

test('chains and lists that openssl made are read as openssl reads them', async () => {
  const tool = await opensslPki()
  tool.make('root', 'root')
  tool.make('middle', 'middle', 'root')
  tool.make('leaf', 'leaf', 'middle')
  tool.make('below', 'middle', 'middle')
  tool.make('deep', 'leaf', 'below')
  const { read } = tool
  const [rootList, middleList] = [tool.crl('root'), tool.crl('middle')]
  const at = systemClock.now() + 60_000
  const judge = (lists: string | null, ca: string, ...path: string[]) => {
    const [leaf, ...others] = path.map(read)
    return leaf && clientTrust({ ca, crl: lists }).refusal(leaf, { others, at })
  }
  const root = tool.pem('root')
  const both = root + tool.pem('middle')
  assert.equal(judge(null, root, 'leaf', 'middle'), null)
  assert.match(String(judge(null, root, 'leaf')), /no authority/)
  assert.match(String(judge(null, tool.pem('middle'), 'leaf')), /no authority/)
  assert.match(String(judge(null, root, 'deep', 'below', 'middle')), /constrained/)
  assert.equal(judge(rootList + middleList, both, 'leaf'), null)
  assert.match(String(judge(rootList, both, 'leaf')), /in date/)
  assert.match(String(judge(middleList, both, 'leaf')), /in date/)
  tool.revoke('leaf', 'middle')
  assert.match(String(judge(rootList + tool.crl('middle'), both, 'leaf')), /revoked/)
  const signedBy = (name: string) =>
    revocationListsIn(rootList + middleList).map((list) => isListOf(list, read(name)))
  assert.deepEqual(
    [signedBy('root'), signedBy('middle')],
    [
      [true, false],
      [false, true],
    ],
  )
  await tool.dispose()
})

test('no certificate makes it throw, however it was bent', () => {
  const der = new X509Certificate(pki.client('a', { altNames: ['a.example'] }).certificate).raw
  const trust = clientTrust({ ca: pki.ca, crl: pki.crl() })
  fc.assert(
    fc.property(fc.nat(der.length - 1), fc.nat(255), (at, byte) => {
      const bent = Buffer.from(der)
      bent[at] = byte
      const read = certificateIn(bent)
      if (read === null) return
      const isSame = bent.equals(der)
      const refused = trust.refusal(read, { others: [read], at: systemClock.now() })
      assert.equal(refused === null, isSame)
    }),
    { numRuns: 1000 },
  )
})

function certificateIn(der: Buffer): X509Certificate | null {
  try {
    return new X509Certificate(der)
  } catch {
    return null
  }
}

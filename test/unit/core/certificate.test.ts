import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { connect, createServer } from 'node:tls'
import { makeCertificateAuthority } from '../../../src/core/certificate.ts'
import { systemClock } from '../../../src/core/clock.ts'
import { systemRandom } from '../../../src/core/random.ts'
import { temporaryFolder } from '../../support/temporary.ts'

const deps = { random: systemRandom, now: () => systemClock.now() }
const authority = makeCertificateAuthority(deps, { commonName: 'A test authority', days: 2 })
const altNames = ['localhost', '127.0.0.1']
const server = authority.issue({ commonName: 'localhost', altNames, days: 1 })

test('what it issues says what was asked for, and who signed it', () => {
  const ca = new X509Certificate(authority.certificate)
  const leaf = new X509Certificate(server.certificate)
  assert.equal(ca.ca, true)
  assert.equal(leaf.ca, false)
  assert.equal(leaf.subject, 'CN=localhost')
  assert.equal(leaf.issuer, 'CN=A test authority')
  assert.equal(leaf.subjectAltName, 'DNS:localhost, IP Address:127.0.0.1')
  assert.ok(leaf.checkIssued(ca) && leaf.verify(ca.publicKey))
  assert.notEqual(leaf.serialNumber, ca.serialNumber)
  const days = (leaf.validToDate.getTime() - systemClock.now()) / 86_400_000
  assert.ok(days > 0.9 && days <= 1)
})

test('a handshake succeeds for who trusts the authority, and for nobody else', async () => {
  const listening = createServer({ cert: server.certificate, key: server.key }, (socket) => {
    socket.end()
  })
  listening.on('tlsClientError', () => undefined)
  listening.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const { port } = listening.address() as AddressInfo
  const trusting = connect({ port, host: '127.0.0.1', ca: authority.certificate })
  await once(trusting, 'secureConnect')
  assert.equal(trusting.authorized, true)
  trusting.destroy()
  const other = makeCertificateAuthority(deps, { commonName: 'A test authority', days: 2 })
  const doubting = connect({ port, host: '127.0.0.1', ca: other.certificate })
  const [error] = await once(doubting, 'error')
  assert.match(String(error), /signature|verify|issuer/i)
  listening.close()
})

test('openssl finds the chain in order', async () => {
  const folder = await temporaryFolder()
  const [ca, leaf] = [join(folder.path, 'ca.pem'), join(folder.path, 'leaf.pem')]
  writeFileSync(ca, authority.certificate)
  writeFileSync(leaf, server.certificate)
  const said = execFileSync('openssl', ['verify', '-x509_strict', '-CAfile', ca, leaf])
  assert.match(said.toString(), /OK/)
  await folder.dispose()
})

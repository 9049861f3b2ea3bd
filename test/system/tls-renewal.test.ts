import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { connect } from 'node:tls'
import { systemClock } from '../../src/core/clock.ts'
import type { SourceOptions, TlsOptions } from '../../src/ingress/options.ts'
import { shown, type TestPki, testPki } from '../support/certificates.ts'
import { httpsClient } from '../support/https-client.ts'
import { apiKeySource, hmacSource, overWriter, startIngress } from '../support/ingress.ts'

const pki = testPki()
const other = testPki('Another authority')
const certified: SourceOptions = {
  ...hmacSource,
  name: 'certified',
  path: '/certified',
  auth: { clientCertificates: [{ commonName: 'genesys' }] },
}

function tlsOf(changes: { ca?: string; crl?: string | null; server?: TestPki['server'] } = {}) {
  const { certificate, key } = changes.server ?? pki.server
  const { ca = pki.ca, crl = null } = changes
  return {
    cert: certificate,
    key,
    minVersion: 'TLSv1.2',
    clients: { ca, crl },
  } satisfies TlsOptions
}

const clientOf = (port: number, issued = pki.client('genesys')) =>
  httpsClient(port, { ca: [pki.ca, other.ca], ...shown(issued) })

async function open(tls = tlsOf(), change: Parameters<typeof startIngress>[0] = {}) {
  return startIngress({ tls, sources: [certified, apiKeySource], ...change })
}

test('a client that is revoked is out on its open connection, others keep theirs', async () => {
  const started = await open()
  const [good, bad] = [pki.client('genesys'), pki.client('genesys')]
  const [kept, out] = [clientOf(started.port, good), clientOf(started.port, bad)]
  assert.deepEqual([await kept.outcome('/certified'), await out.outcome('/certified')], [200, 200])
  const connections = openConnections(started)
  assert.equal(await started.ingress.renewTls(tlsOf({ crl: pki.crl([bad]) })), 1)
  assert.equal(typeof (await out.outcome('/certified')), 'string')
  assert.equal(await kept.outcome('/certified'), 200)
  assert.equal(openConnections(started), connections - 1)
  for (const client of [kept, out]) client.close()
  await started.stop()
})

test('what is in flight when its client is revoked is answered, then it is closed', async () => {
  const arrived = Promise.withResolvers<void>()
  const held = Promise.withResolvers<void>()
  const started = await open(tlsOf(), {
    wrap: (writer) =>
      overWriter(writer, {
        async append(entries) {
          if (entries.some(({ kind }) => kind === 'event')) {
            arrived.resolve()
            await held.promise
          }
          return writer.append(entries)
        },
      }),
  })
  const own = pki.client('genesys')
  const client = clientOf(started.port, own)
  const answered = client.post('/certified', '{"a":1}')
  await arrived.promise
  assert.equal(await started.ingress.renewTls(tlsOf({ crl: pki.crl([own]) })), 1)
  held.resolve()
  const { status, headers } = await answered
  assert.deepEqual([status, headers.connection], [200, 'close'])
  assert.equal(typeof (await client.outcome('/certified')), 'string')
  client.close()
  await started.stop()
})

test('a client that is revoked before it says a word is never heard', async () => {
  const started = await open()
  const own = pki.client('genesys')
  const shows = { port: started.port, host: '127.0.0.1', ca: pki.ca, servername: 'localhost' }
  const early = connect({ ...shows, ...shown(own) })
  await once(early, 'secureConnect')
  while (openConnections(started) === 0) await systemClock.sleep(5)
  await started.ingress.renewTls(tlsOf({ crl: pki.crl([own]) }))
  let said = ''
  early.on('data', (piece) => {
    said += piece
  })
  early.on('error', () => undefined)
  early.write('POST /certified HTTP/1.1\r\nContent-Length: 7\r\n\r\n{"a":1}')
  await once(early, 'close').catch(() => undefined)
  assert.equal(said, '')
  assert.equal((await started.kept()).length, 0)
  await started.stop()
})

test('a client whose authority is gone is out, and one of a new authority is in', async () => {
  const started = await open()
  const [before, after] = [clientOf(started.port), clientOf(started.port, other.client('genesys'))]
  assert.equal(await before.outcome('/certified'), 200)
  assert.equal(typeof (await after.outcome('/certified')), 'string')
  assert.equal(await started.ingress.renewTls(tlsOf({ ca: other.ca })), 1)
  assert.equal(typeof (await before.outcome('/certified')), 'string')
  assert.equal(await after.outcome('/certified'), 200)
  for (const client of [before, after]) client.close()
  await started.stop()
})

test('a new server certificate is shown to new connections, and old ones go on', async () => {
  const started = await open()
  const client = clientOf(started.port)
  assert.equal(await client.outcome('/certified'), 200)
  assert.equal(await started.ingress.renewTls(tlsOf({ server: other.server })), 0)
  assert.equal(await client.outcome('/certified'), 200)
  const trusting = httpsClient(started.port, { ca: other.ca, ...shown(pki.client('genesys')) })
  assert.equal(await trusting.outcome('/certified'), 200)
  for (const one of [client, trusting]) one.close()
  await started.stop()
})

test('what cannot be used changes nothing', async () => {
  const started = await open()
  const broken: TlsOptions[] = [
    { ...tlsOf(), key: other.server.key },
    { ...tlsOf(), cert: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' },
    tlsOf({ ca: pki.ca.slice(0, 200) + pki.ca.slice(300) }),
    tlsOf({ crl: '-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----' }),
  ]
  for (const tls of broken) await assert.rejects(started.ingress.renewTls(tls))
  const client = clientOf(started.port)
  assert.equal(await client.outcome('/certified'), 200)
  client.close()
  await started.stop()
})

test('with a revocation list past its next update, nobody is let in by certificate', async () => {
  const started = await open()
  const client = clientOf(started.port)
  assert.equal(await client.outcome('/certified'), 200)
  assert.equal(await started.ingress.renewTls(tlsOf({ crl: pki.crl([], -0.01) })), 1)
  assert.equal(typeof (await client.outcome('/certified')), 'string')
  client.close()
  const without = httpsClient(started.port, { ca: pki.ca })
  assert.equal(await without.outcome('/keyed', { 'X-Api-Key': 'a live key' }), 200)
  without.close()
  await started.stop()
})

function openConnections({ ingress }: Awaited<ReturnType<typeof open>>): number {
  let count = Number.NaN
  ingress.measure({
    number(name, value) {
      if (name === 'inlet_connections') count = value
    },
    histogram: () => undefined,
  })
  return count
}

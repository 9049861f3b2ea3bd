import assert from 'node:assert/strict'
import { once } from 'node:events'
import { suite, test } from 'node:test'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import type { SourceOptions } from '../../src/ingress/options.ts'
import { shown, testPki } from '../support/certificates.ts'
import { httpsClient } from '../support/https-client.ts'
import {
  apiKey,
  apiKeySource,
  hmacSource,
  startIngress,
  type TestIngress,
  type TestIngressChange,
} from '../support/ingress.ts'
import { opensslPki } from '../support/openssl.ts'

const pki = testPki()
const stranger = testPki('Another authority')
const mapped = pki.client('genesys')
const unmapped = pki.client('somebody')
const revoked = pki.client('genesys')
const untrusted = stranger.client('genesys')
const expired = pki.client('genesys', { days: -0.01 })

const certified: SourceOptions = {
  ...hmacSource,
  name: 'certified',
  path: '/certified',
  auth: { clientCertificates: [{ commonName: 'genesys' }] },
}

const crl = pki.crl([revoked])
const tls = {
  cert: pki.server.certificate,
  key: pki.server.key,
  minVersion: 'TLSv1.2',
  clients: { ca: pki.ca, crl },
} as const

async function serving<Result>(
  change: TestIngressChange,
  task: (started: TestIngress) => Promise<Result>,
): Promise<Result> {
  const started = await startIngress({ tls, ...change })
  try {
    return await task(started)
  } finally {
    await started.stop()
  }
}

const strict = { sources: [certified] }
const mixed = { sources: [certified, apiKeySource] }
const versions = ['TLSv1.2', 'TLSv1.3'] as const

suite('where every source wants a certificate', () => {
  for (const maxVersion of versions) {
    test(`only one that holds reaches HTTP, only a mapped one delivers: ${maxVersion}`, () =>
      serving(strict, async ({ port, kept, entries }) => {
        const outcome = (own: object) => outcomeOf(port, { maxVersion, ...own })
        assert.equal(await outcome(shown(mapped)), 200)
        assert.equal(await outcome(shown(unmapped)), 403)
        for (const own of [{}, shown(untrusted), shown(revoked), shown(expired)])
          assert.equal(typeof (await outcome(own)), 'string')
        const [event, ...others] = await kept()
        assert.equal(others.length, 0)
        assert.ok(event?.kind === 'event')
        assert.equal(event.envelope.sender, 'certificate(CN=genesys):certified')
        assert.ok((await entries()).length > 0)
      }))
  }
})

suite('where some sources want a certificate', () => {
  for (const maxVersion of versions) {
    test(`others are reached without one: ${maxVersion}`, () =>
      serving(mixed, async ({ port, kept }) => {
        const keyed = (own: object) =>
          outcomeOf(port, { maxVersion, ...own }, ['/keyed', { 'X-Api-Key': apiKey }])
        assert.equal(await keyed({}), 200)
        assert.equal(await keyed(shown(unmapped)), 200)
        assert.equal(await outcomeOf(port, { maxVersion }), 403)
        assert.equal(await outcomeOf(port, { maxVersion, ...shown(unmapped) }), 403)
        assert.equal(await outcomeOf(port, { maxVersion, ...shown(mapped) }), 200)
        for (const bad of [untrusted, revoked, expired]) {
          assert.equal(typeof (await keyed({ ...shown(bad) })), 'string')
          assert.equal(typeof (await outcomeOf(port, { maxVersion, ...shown(bad) })), 'string')
        }
        assert.equal((await kept()).length, 3)
      }))
  }

  test('a bad certificate is counted, and nothing else is kept of it', () =>
    serving(mixed, async (started) => {
      for (const bad of [untrusted, revoked]) await outcomeOf(started.port, shown(bad))
      await started.ingress.drain(new AbortController().signal)
      const notes = (await started.entries()).flatMap((one) => (one.kind === 'note' ? one : []))
      assert.deepEqual(
        notes.map(({ source, detail }) => [source, JSON.parse(detail).refused]),
        [['', { certificate: 2 }]],
      )
    }))
})

suite('a session that is resumed', () => {
  for (const version of versions) {
    test(`is mapped like a new one: ${version}`, () =>
      serving(mixed, async ({ port }) => {
        for (const [own, status] of [
          [shown(mapped), 200],
          [shown(unmapped), 403],
          [{}, 403],
        ] as const) {
          const first = await visit(port, { ...own, maxVersion: version })
          const again = await visit(port, { ...own, maxVersion: version, ...first.resume })
          assert.deepEqual([first.isReused, again.isReused], [false, true])
          assert.deepEqual([first.status, again.status], [status, status])
        }
      }))

    test(`is not resumed once revocations have changed: ${version}`, () =>
      serving(mixed, async ({ port, ingress }) => {
        const own = { ...shown(mapped), maxVersion: version }
        const first = await visit(port, own)
        assert.equal(first.status, 200)
        await ingress.renewTls({ ...tls, clients: { ca: pki.ca, crl: pki.crl([mapped]) } })
        const again = await visit(port, { ...own, ...first.resume })
        assert.equal(again.status, null)
        const other = { ...shown(unmapped), maxVersion: version }
        assert.equal((await visit(port, other)).status, 403)
      }))
  }
})

test('authorities that only the client shows are asked about when files are renewed', async () => {
  const tool = await opensslPki()
  tool.make('root', 'root')
  tool.make('middle', 'middle', 'root')
  tool.make('genesys', 'leaf', 'middle')
  const own = { cert: tool.pem('genesys') + tool.pem('middle'), key: tool.key('genesys') }
  const clients = { ca: pki.ca + tool.pem('root'), crl: null }
  await serving({ ...mixed, tls: { ...tls, clients } }, async ({ port, ingress }) => {
    const first = await visit(port, own)
    const again = await visit(port, { ...own, ...first.resume })
    assert.deepEqual([first.status, again.status, again.isReused], [200, 200, true])
    const resumed = httpsClient(port, { ca: pki.ca, ...own, ...first.resume })
    assert.equal(await resumed.outcome('/certified'), 200)
    assert.equal(await ingress.renewTls({ ...tls, clients }), 0)
    assert.equal(await resumed.outcome('/certified'), 200)
    assert.equal(await ingress.renewTls({ ...tls, clients: { ca: pki.ca, crl: null } }), 1)
    assert.equal(typeof (await resumed.outcome('/certified')), 'string')
    resumed.close()
  })
  await tool.dispose()
})

async function outcomeOf(
  port: number,
  own: object,
  where: readonly [path: string, headers?: Record<string, string>] = ['/certified'],
): Promise<number | string> {
  const client = httpsClient(port, { ca: pki.ca, ...own })
  const outcome = await client.outcome(...where)
  client.close()
  return outcome
}

interface Visit {
  readonly isReused: boolean
  /** Null where the connection was closed without an answer. */
  readonly status: number | null
  readonly resume: { readonly session?: Buffer }
}

/** One request over a connection of its own, which may resume a session. */
async function visit(port: number, own: ConnectionOptions): Promise<Visit> {
  const socket: TLSSocket = connect({
    ...{ port, host: '127.0.0.1', servername: 'localhost', ca: pki.ca },
    ...own,
  })
  let session: Buffer | undefined
  let said = ''
  let isReused = false
  socket.on('session', (ticket: Buffer) => {
    session = ticket
  })
  socket.on('secureConnect', () => {
    isReused = socket.isSessionReused()
    socket.write(
      'POST /certified HTTP/1.1\r\nConnection: close\r\nContent-Length: 7\r\n\r\n{"a":1}',
    )
  })
  socket.on('data', (piece) => {
    said += piece
  })
  socket.on('error', () => undefined)
  await once(socket, 'close').catch(() => undefined)
  const status = /^HTTP\/1\.1 (\d+)/.exec(said)?.[1]
  const resume = session === undefined ? {} : { session }
  return { isReused, status: status === undefined ? null : Number(status), resume }
}

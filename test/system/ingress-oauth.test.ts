/** A sender that asks for tokens, as an API destination with OAuth client credentials does. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { SourceOptions } from '../../src/ingress/options.ts'
import type { SecretSet } from '../../src/ingress/proofs/live-secrets.ts'
import { testPki } from '../support/certificates.ts'
import { movableClock } from '../support/clock.ts'
import { httpsClient, type Reply } from '../support/https-client.ts'
import { hmacSource, type TestIngress, withIngress } from '../support/ingress.ts'
import { toldMetrics } from '../support/told-metrics.ts'

const HOUR = 3_600_000
const tokenPath = '/bus/token'
const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
const client = { client_id: 'aws', client_secret: 'a live secret' }
const grant = { grant_type: 'client_credentials' }

function source(name: string, current: () => SecretSet): SourceOptions {
  const own = name === 'bus' ? tokenPath : `/${name}/token`
  const oauth = { clientId: 'aws', tokenPath: own, lifetimeMs: HOUR, secrets: { current } }
  return { ...hmacSource, name, path: `/${name}`, auth: { oauth } }
}

interface Scene extends TestIngress {
  post(path: string, body: string, headers?: Record<string, string>): Promise<Reply>
  /** What is answered to an event under a token. */
  send(id: string, token: string, path?: string): Promise<number>
  /** A token, asked for as the fields say. */
  token(fields?: Record<string, string>): Promise<string>
  /** How often a request to the source was refused so. */
  refused(reason: string): number
  clock: ReturnType<typeof movableClock>
  setSecrets(set: SecretSet): void
}

async function withScene(play: (scene: Scene) => Promise<void>): Promise<void> {
  const pki = testPki()
  const { certificate: cert, key } = pki.server
  const clock = movableClock()
  let set: SecretSet = { values: ['a live secret'], complete: true }
  const sources = [source('bus', () => set), source('other', () => set)]
  const tls = { cert, key, minVersion: 'TLSv1.2' } as const
  await withIngress({ sources, tls, clock }, async (started) => {
    const { post, close } = httpsClient(started.port, { ca: pki.ca })
    const event = (id: string) => JSON.stringify({ notificationId: id, data: {} })
    try {
      await play({
        ...started,
        post,
        clock,
        setSecrets(next) {
          set = next
        },
        async send(id, token, path = '/bus') {
          const { status } = await post(path, event(id), { Authorization: `Bearer ${token}` })
          return status
        },
        async token(fields = { ...grant, ...client }) {
          const reply = await post(tokenPath, String(new URLSearchParams(fields)), form)
          assert.equal(reply.status, 200, reply.body)
          return JSON.parse(reply.body).access_token
        },
        refused: (reason) =>
          toldMetrics(started.ingress)[
            `inlet_refused_requests_total source=bus reason=${reason}`
          ] ?? 0,
      })
    } finally {
      close()
    }
  })
}

suite('a source whose sender asks for tokens', () => {
  test('gives one for id and secret, in a form, in JSON or in the header', () =>
    withScene(async ({ post, send, kept }) => {
      const basic = Buffer.from('aws:a live secret').toString('base64')
      const json = { 'Content-Type': 'application/json' }
      const asked: [string, Record<string, string>][] = [
        [String(new URLSearchParams({ ...grant, ...client })), form],
        [JSON.stringify({ ...grant, ...client }), json],
        [String(new URLSearchParams(grant)), { ...form, Authorization: `Basic ${basic}` }],
      ]
      for (const [index, [body, headers]] of asked.entries()) {
        const reply = await post(tokenPath, body, headers)
        assert.equal(reply.status, 200, reply.body)
        assert.equal(reply.headers['cache-control'], 'no-store')
        const { access_token: token, ...rest } = JSON.parse(reply.body)
        assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 3600 })
        assert.equal(await send(`event-${index}`, token), 200)
      }
      assert.equal((await kept()).length, 3)
    }))

  test('asks for another once one is too old, and the sender gets it', () =>
    withScene(async ({ send, token, clock, refused }) => {
      const first = await token()
      clock.advance(HOUR - 1000)
      assert.equal(await send('a', first), 200)
      clock.advance(1000)
      // Then EventBridge asks anew and tries again.
      assert.equal(await send('b', first), 401)
      assert.equal(refused('stale_proof'), 1)
      assert.equal(await send('b', await token()), 200)
    }))

  test('knows no token of another source, of another time, or of nobody', () =>
    withScene(async ({ post, send, token, refused }) => {
      const own = await token()
      assert.equal(await send('a', own, '/other'), 401)
      const [end = '', digest = ''] = own.split('.')
      const forged = [
        `${Number(end) + 1}.${digest}`,
        `0${own}`,
        `${end}.${digest.slice(0, -1)}`,
        `${end}.${'A'.repeat(43)}`,
        'a live secret',
        '',
      ]
      for (const one of forged) assert.equal(await send('a', one), 401, one)
      assert.equal(refused('401'), forged.length)
      const { status, headers } = await post('/bus', '{}')
      assert.deepEqual([status, headers['www-authenticate']], [401, 'Bearer realm="inlet"'])
      assert.equal(refused('missing_proof'), 1)
    }))

  test('gives none to others, and counts them as refused', () =>
    withScene(async ({ post, refused, ingress }) => {
      const ask = (fields: Record<string, string>) =>
        post(tokenPath, String(new URLSearchParams(fields)), form)
      const { status, headers } = await ask({ ...grant, ...client, client_secret: 'wrong' })
      assert.deepEqual([status, headers['www-authenticate']], [401, 'Basic realm="inlet"'])
      assert.equal((await ask({ ...grant, ...client, client_id: 'other' })).status, 401)
      assert.equal(refused('401'), 2)
      assert.equal((await ask(grant)).status, 401)
      assert.equal(refused('missing_proof'), 1)
      assert.equal((await ask({ ...client, grant_type: 'password' })).status, 400)
      assert.equal((await ask({ ...client, more: 'x'.repeat(8192) })).status, 413)
      assert.deepEqual([refused('400'), refused('413')], [1, 1])
      assert.equal(toldMetrics(ingress)['inlet_events_total source=bus outcome=stored'] ?? 0, 0)
    }))

  test('takes both secrets while one takes the place of the other, then one', () =>
    withScene(async ({ post, send, token, setSecrets }) => {
      const old = await token()
      setSecrets({ values: ['a next secret', 'a live secret'], complete: true })
      const next = await token({ ...grant, client_id: 'aws', client_secret: 'a next secret' })
      assert.deepEqual([await send('a', old), await send('b', next)], [200, 200])
      setSecrets({ values: ['a next secret'], complete: true })
      assert.deepEqual([await send('c', old), await send('d', next)], [401, 200])
      // One that cannot be read may be the one that was used.
      setSecrets({ values: [], complete: false })
      assert.equal(await send('e', next), 503)
      const asked = String(new URLSearchParams({ ...grant, ...client }))
      assert.equal((await post(tokenPath, asked, form)).status, 503)
    }))
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasCode } from '../../../src/core/errors.ts'
import { createSeenCache } from '../../../src/dedup/seen-cache.ts'
import { SeenClients } from '../../../src/ingress/clients/seen-clients.ts'
import { defaultLimits, type SourceOptions } from '../../../src/ingress/options.ts'
import { InFlight } from '../../../src/ingress/overload/in-flight.ts'
import { fixedSecrets } from '../../../src/ingress/proofs/live-secrets.ts'
import { pathOf, resolveSource, routeSources } from '../../../src/ingress/sources.ts'
import { movableClock } from '../../support/clock.ts'
import { apiKeySource, bothSource, hmacSource, openSource } from '../../support/ingress.ts'

const nobody = { address: '', certificate: null }
const seenCache = createSeenCache({ maxBytes: 2 ** 16 })
const inFlight = new InFlight(defaultLimits)
const seenClients = new SeenClients()
const deps = { seenCache, seenClients, startedAt: 0, inFlight, clock: movableClock() }
const resolve = (options: SourceOptions) => resolveSource(options, deps)
const refused = (error: unknown) => hasCode(error, 'INL_ING_SOURCES')

test('the sender is named after the proofs that it passed', () => {
  const senders = [hmacSource, apiKeySource, bothSource, openSource].map((options) =>
    resolve(options).senderOf(nobody),
  )
  assert.deepEqual(senders, ['hmac:signed', 'apikey:keyed', 'apikey+hmac:both', 'none:open'])
})

test('proofs are judged as early as they can be', () => {
  const { headProofs, bodyProofs } = resolve(bothSource)
  assert.deepEqual(
    headProofs.map(({ name }) => name),
    ['apikey'],
  )
  assert.deepEqual(
    bodyProofs.map(({ name }) => name),
    ['hmac'],
  )
})

test('a source without any proof must say so', () => {
  assert.throws(() => resolve({ ...hmacSource, auth: {} }), refused)
  assert.deepEqual(resolve(openSource).headProofs, [])
})

test('paths are exact and belong to one', () => {
  const source = resolve(hmacSource)
  assert.equal(routeSources([source], '/healthz').get('/signed')?.source, source)
  const twin = resolve({ ...hmacSource, name: 'twin' })
  assert.throws(() => routeSources([source, twin], '/healthz'), refused)
  assert.throws(() => routeSources([source], '/signed'), refused)
  const secrets = fixedSecrets('secret')
  const oauth = { clientId: 'bus', tokenPath: '/signed', lifetimeMs: 1000, secrets }
  const asking = resolve({ ...hmacSource, name: 'bus', path: '/bus', auth: { oauth } })
  assert.throws(() => routeSources([source, asking], '/healthz'), refused)
  assert.equal(routeSources([asking], '/healthz').get('/signed')?.desk, asking.desk)
  assert.equal(pathOf('/signed?a=/b?c'), '/signed')
  assert.equal(pathOf('/signed/'), '/signed/')
})

test("sources of one group know one another's events, if they name them alike", () => {
  const hash = Buffer.alloc(32, 1)
  const grouped = { ...hmacSource, dedupGroup: 'stream' }
  resolve({ ...grouped, name: 'a' }).seen.add(hash, 0, 5)
  assert.equal(resolve({ ...grouped, name: 'b' }).seen.find(hash, 0), 5)
  const recognise = { eventTypes: new Set<string>(), compositeIdentity: true }
  assert.equal(resolve({ ...grouped, name: 'c', recognise }).seen.find(hash, 0), null)
  assert.equal(resolve({ ...hmacSource, name: 'stream' }).seen.find(hash, 0), null)
})

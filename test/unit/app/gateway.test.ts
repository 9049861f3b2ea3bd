import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { readingOf, spokenBy } from '../../../src/app/config/dialects.ts'
import { parseConfig } from '../../../src/app/config/load.ts'
import type { Config } from '../../../src/app/config/schema.ts'
import { ingressOptions } from '../../../src/app/gateway.ts'
import { realMachine } from '../../../src/app/machine.ts'
import { routeToSource } from '../../../src/app/simulate.ts'
import { sourceScopes } from '../../../src/app/source-rules.ts'
import type { SourceOptions } from '../../../src/ingress/options.ts'
import { fixedSecrets } from '../../../src/ingress/proofs/live-secrets.ts'
import { oauthProof } from '../../../src/ingress/proofs/oauth.ts'
import { claim } from '../../support/claim.ts'

const orgId = '32aa07aa-db1b-4987-abd0-9483601ec29d'

function configOf(text: string): Config {
  const loaded = parseConfig(text, '/etc/inlet/inlet.yaml')
  assert.ok(loaded.ok)
  return loaded.file.config
}

const config = configOf(`
listen: { host: 0.0.0.0, port: 8443, tls: { certFile: a.pem, keyFile: a.key } }
orgs: [{ name: prod, orgId: ${orgId} }]
sources:
  - name: bridge
    org: prod
    path: /bridge
    contract: eventbridge
    auth:
      hmac: { header: X-Sig, encoding: base64, secrets: [{ env: ONE }, { env: TWO }] }
      apiKey: { secrets: [{ env: KEY }] }
    limits: { body: 1MiB, eventsPerSecond: 500, overload: shed }
    priorities: { high: [urgent] }
    accept: { eventTypes: [ours], exclude: [{ field: data.internal, equals: true }] }
    dedup: { group: stream, identity: interaction-and-type }
  - name: hose
    path: /hose
    contract: firehose
    auth: { apiKey: { header: X-Access, secrets: [{ env: KEY }] } }
`)
const secrets = new Map([
  ['bridge', { hmac: ['one', 'two'], apiKey: ['key'] }],
  ['hose', { hmac: [], apiKey: ['key'] }],
])

const live = new Map([
  ['bridge', { hmac: fixedSecrets('one', 'two'), apiKey: fixedSecrets('key') }],
  ['hose', { apiKey: fixedSecrets('key') }],
])

function secretsOf(auth: SourceOptions['auth'] | undefined) {
  return Object.fromEntries(
    Object.entries(auth ?? {}).map(([proof, { secrets: live }]) => [proof, live.current().values]),
  )
}

suite('a configuration, wired', () => {
  test('tells ingress whom it serves, with the secrets themselves', () => {
    const { sources, host, port, healthPath } = ingressOptions({ config, secrets: live }, null)
    assert.deepEqual(
      { host, port, healthPath },
      { host: '0.0.0.0', port: 8443, healthPath: '/healthz' },
    )
    const [bridge, hose] = sources
    assert.deepEqual(secretsOf(bridge?.auth), { hmac: ['one', 'two'], apiKey: ['key'] })
    assert.deepEqual(bridge, {
      name: 'bridge',
      path: '/bridge',
      orgId,
      dedupGroup: 'stream',
      auth: bridge?.auth,
      recognise: { eventTypes: new Set(['ours', 'urgent']), compositeIdentity: true },
      speaks: 'either',
      bodyLimit: 2 ** 20,
      accept: {
        ...{ eventTypes: ['ours'], interactionTypes: [], queues: [], states: [], directions: [] },
        exclude: [{ field: 'data.internal', equals: true }],
      },
      priorities: { high: ['urgent'], low: [] },
      rate: { eventsPerSecond: 500, burst: 1000 },
      overload: 'shed',
      deferStatus: 429,
    })
    assert.deepEqual(secretsOf(hose?.auth), { apiKey: ['key'] })
    assert.deepEqual([hose?.speaks, hose?.bodyLimit], ['firehose', 64 * 2 ** 20])
  })

  test('tells ingress how bodies are read, and which protocol is spoken', () => {
    const { sources } = configOf(`
listen: { host: 127.0.0.1 }
sources:
  - { name: auto, path: /a, auth: none }
  - { name: named, path: /b, auth: none, dialects: [eventbridge, notification] }
  - { name: either, path: /c, auth: none, dialects: [firehose, eventbridge] }
  - { name: hose, path: /d, auth: none, dialects: [firehose] }
  - { name: own, path: /e, auth: none, dialects: [auto, generic], generic: { id: /x, types: [t] } }
`)
    const read = sources.map((source) => {
      const { dialects = null, generic, eventTypes } = readingOf(source, ['named'])
      return [spokenBy(source), dialects, generic?.id ?? null, [...eventTypes]]
    })
    assert.deepEqual(read, [
      ['either', null, null, ['named']],
      ['plain', ['eventbridge', 'notification'], null, ['named']],
      ['either', ['eventbridge'], null, ['named']],
      ['firehose', null, null, ['named']],
      ['either', null, ['x'], ['named', 't']],
    ])
  })

  test('lets a request last as long as its sender waits', () => {
    const { limits } = ingressOptions({ config, secrets: live }, null)
    assert.equal(limits.requestMs, 180_000)
  })

  test('tells the loader what ids are compared with what, and how long a repeat may take', () => {
    assert.deepEqual(sourceScopes(config), [
      { name: 'bridge', scope: 'stream', repeatMs: 5 * 86_400_000 },
      { name: 'hose', scope: 'hose', repeatMs: 2 * 3_600_000 },
    ])
  })

  test('tells the simulator where to send, with the first secret of each proof', () => {
    const route = routeToSource({ ...realMachine, config, secrets }, 'bridge')
    assert.equal(route?.url.href, 'https://127.0.0.1:8443/bridge')
    assert.equal(route?.contract.name, 'eventbridge')
    assert.equal(route?.hmac?.secret, 'one')
    assert.deepEqual(route?.apiKey, { header: 'X-Api-Key', value: 'key' })
    assert.equal(routeToSource({ ...realMachine, config, secrets }, 'nobody'), null)
  })

  test('gives the simulator a token, where the source asks for one', () => {
    const asking = configOf(`
listen: { host: 127.0.0.1 }
sources:
  - name: bus
    path: /bus
    auth: { oauth: { clientId: aws, tokenPath: /token, secrets: [{ env: KEY }] } }
`)
    const own = new Map([['bus', { oauth: ['key'] }]])
    const route = routeToSource({ ...realMachine, config: asking, secrets: own }, 'bus')
    const { clientId, tokenPath } = { clientId: 'aws', tokenPath: '/token' }
    const options = { clientId, tokenPath, lifetimeMs: 1, secrets: fixedSecrets('key') }
    const proof = oauthProof('bus', options)
    const authorization = route?.headers?.['Authorization'] ?? ''
    assert.equal(proof.judge(claim({ authorization })), 'holds')
  })

  test('gives the simulator a contract that it does not know by name', () => {
    const contract = routeToSource({ ...realMachine, config, secrets }, 'hose')?.contract
    assert.equal(contract?.answerWithinMs, 180_000)
    assert.equal(contract?.giveUpAfterMs, 2 * 3_600_000)
  })
})

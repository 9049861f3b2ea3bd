/** What a configuration comes to tells of every key, or leaves it out on purpose. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { type Config, configJsonSchema, configSchema } from '../../../../src/app/config/schema.ts'
import { summarise, summaryLines } from '../../../../src/app/config/summary.ts'

/** With every key, at one place or another; what contradicts itself does not matter here. */
const text = `
listen:
  host: 0.0.0.0
  workers: 2
  trustedProxy: { kind: alb, mode: verify, addresses: [10.0.0.0/16] }
  tls: { certFile: a.pem, keyFile: a.key, clientCaFile: ca.pem, clientCrlFile: crl.pem }
orgs:
  - name: prod
    orgId: 32aa07aa-db1b-4987-abd0-9483601ec29d
    host: genesys.example.com
    allowCustomHost: false
    clientId: { env: ID }
    clientSecret: { env: SECRET }
sources:
  - name: one
    org: prod
    path: /one
    dialects: [generic]
    generic: { id: /id, type: /t, time: /at, conversationId: /c, topic: /o, orgId: /g, types: [a] }
    auth:
      clientCertificates:
        - { commonName: one }
        - { san: one.example.com }
        - { fingerprint256: "${'AB:'.repeat(31)}AB" }
      hmac: { header: X-Sig, encoding: base64, timestamp: { header: X-At }, secrets: [{ env: A }] }
      oauth: { clientId: bus, tokenPath: /token, secrets: [{ env: A }] }
      allow: [10.0.0.1]
    accept:
      eventTypes: [a]
      interactionTypes: [call]
      queues: [q]
      states: [s]
      directions: [inbound]
      exclude: [{ field: a, equals: b }]
    contract: { retriedStatuses: [5xx], retryWindow: 1d, answerWithin: 2s }
    priorities: { high: [a], low: [b] }
    limits: { body: 1MiB, eventsPerSecond: 10, burst: 20, overload: shed }
    dedup: { group: both, identity: interaction-and-type }
    subscription:
      kind: eventbridge
      name: inlet
      publicUrl: https://in.example.com/one
      certificateId: f3b3c1f8
      topics: [interaction]
      contactType: phone
      awsAccount: "123456789012"
      awsRegion: eu-central-1
  - { name: two, path: /two, auth: { basic: { user: me, secrets: [{ env: A }] } } }
  - { name: three, path: /three, auth: { bearer: { secrets: [{ env: A }] } } }
  - { name: four, path: /four, auth: { firehoseKey: { secrets: [{ env: A }] } } }
  - { name: five, path: /five, auth: { apiKey: { header: X-Key, secrets: [{ env: A }] } } }
channels:
  - org: prod
    source: one
    users: [32aa07aa-db1b-4987-abd0-9483601ec29d]
    queues: [32aa07aa-db1b-4987-abd0-9483601ec29e]
lake:
  url: s3://bucket/lake
  endpoint: https://s3.example.com
  region: eu-central-1
  sse: { kmsKeyId: alias/lake }
  bronzeUrl: s3://bronze/lake
ops:
  host: 0.0.0.0
  tls: { certFile: o.pem, keyFile: o.key }
  auth: { basic: { user: prometheus, secrets: [{ env: A }] } }
gold: { serviceLevel: [{ mediaType: voice, within: 20s }] }
reconcile: {}
privacy:
  key: { env: KEY }
  previous: [{ env: OLD }]
  country: DE
  rules: [{ field: a.b, action: drop }]
  largeFields: { fields: [transcript], over: 1MiB }
sinks:
  - { name: db, kind: postgres, url: { env: DB }, tables: [silver.violations] }
  - { name: crm, kind: https, url: https://crm.example.com, bearer: { env: A },
      signingKey: { env: A }, apiKey: { header: X-Key, secret: { env: A } } }
`

type Json = ReturnType<typeof JSON.parse>
const config = configSchema.parse(parse(text))
const told = (of: Config) => JSON.stringify(summaryLines(summarise(of)))

function changed(value: Json): Json {
  if (typeof value === 'number') return value * 2 + 1
  if (value === 'guide-webhook') return 'eventbridge'
  return typeof value === 'boolean' ? !value : `${value}x`
}

/** Each value of the configuration, by its key, with the configuration that has another there. */
function* others(value: Json, path: readonly string[] = []): Generator<readonly [string, Config]> {
  if (isSecret(value)) return
  if (typeof value === 'object' && value !== null) {
    for (const name of Object.keys(value)) yield* others(value[name], [...path, name])
    return
  }
  const other = structuredClone(config)
  const parent = path.slice(0, -1).reduce((at: Json, name) => at[name], other)
  parent[path.at(-1) ?? ''] = changed(value)
  yield [keyOf(path), other]
}

const keyOf = (path: readonly string[]) =>
  path.flatMap((name) => (/^\d+$/.test(name) ? [] : [name])).join('.')

/** What it does not tell, and why. */
const omitted = {
  'orgs.allowCustomHost': 'the host is told',
  'channels.users': 'their topics are counted',
  'channels.queues': 'their topics are counted',
  'channels.topics': 'they are counted',
  'sources.subscription.publicUrl': 'inlet provision plan',
  'sources.subscription.certificateId': 'inlet provision plan',
  'sources.subscription.topics': 'inlet provision plan',
  'sources.subscription.contactType': 'inlet provision plan',
  'sources.subscription.retryPolicy.maxRetries': 'inlet provision plan',
  'sources.subscription.retryPolicy.retryInterval': 'inlet provision plan',
  'sources.subscription.awsAccount': 'inlet provision plan',
  'sources.subscription.awsRegion': 'inlet provision plan',
  'journal.kind': 'there is one',
  'sinks.apiKey.header': 'a proof',
}

test('another value of any key is told otherwise, but for those that are left out', () => {
  const before = told(config)
  const [all, shown] = [new Set<string>(), new Set<string>()]
  for (const [key, other] of others(config)) {
    all.add(key)
    if (told(other) !== before) shown.add(key)
  }
  const hidden = [...all].filter((key) => !shown.has(key))
  assert.deepEqual(hidden.sort(), Object.keys(omitted).sort())
  const isThere = (key: string) => [...all].some((one) => one === key || one.startsWith(`${key}.`))
  const missing = keysOf(configJsonSchema()).filter((key) => !isThere(key))
  assert.deepEqual(missing, [], 'keys that the configuration of this test lacks')
})

function isSecret(value: Json): boolean {
  return ['env', 'file', 'awsSecret', 'awsParameter'].some((name) => value?.[name] !== undefined)
}

/** Of values, in a JSON schema. */
function keysOf(schema: Json, path = ''): string[] {
  const { properties, items, anyOf = [], oneOf = [] } = schema
  if (properties && isSecret(properties)) return []
  const below = Object.entries(properties ?? {}).flatMap(([name, one]) =>
    keysOf(one, path === '' ? name : `${path}.${name}`),
  )
  const parts = [...anyOf, ...oneOf, ...(items ? [items] : [])]
  const isValue = properties === undefined && parts.length === 0
  return [...below, ...parts.flatMap((one) => keysOf(one, path)), ...(isValue ? [path] : [])]
}

/** `inlet provision` against a simulated Genesys Cloud. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { startTestCloud, type TestCloud } from '../support/cloud.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { runInlet } from './inlet-process.ts'

const secret = 'a-planted-secret-of-the-sender'
const env = { INLET_TEST_CLIENT: 'simulator', INLET_TEST_SECRET: secret }

suite('inlet provision', () => {
  let folder: { path: string; dispose: () => Promise<void> }
  let cloud: TestCloud

  beforeEach(async () => {
    folder = await temporaryFolder()
    cloud = await startTestCloud()
    configure({ certificateId: 'cert-1' })
  })
  afterEach(async () => {
    await cloud.stop()
    await folder.dispose()
  })

  function configure(changed: object, host = cloud.host): void {
    const notification = {
      ...{ kind: 'analytics-notification', name: 'lake' },
      publicUrl: 'https://in.example.com/notification',
      ...changed,
    }
    const text = `listen: { host: 127.0.0.1, port: 8443 }
orgs:
  - name: prod
    orgId: ${cloud.orgId}
    host: "${host}"
    clientId: { env: INLET_TEST_CLIENT }
    clientSecret: { env: INLET_TEST_CLIENT }
sources:
  - name: webhook
    org: prod
    path: /notification
    auth: none
    accept: { eventTypes: [interaction] }
    subscription: ${JSON.stringify(notification)}
  - name: events
    org: prod
    path: /events
    auth: { apiKey: { header: X-Api-Key, secrets: [{ env: INLET_TEST_SECRET }] } }
    subscription:
      kind: event-subscription
      name: lake
      publicUrl: https://in.example.com/events
      topics: [call.event]
  - name: bus
    org: prod
    path: /bus
    contract: eventbridge
    auth: none
    subscription:
      kind: eventbridge
      name: inlet
      topics: ["v2.detail.events.conversation.{id}.customer.end"]
      awsAccount: "123456789012"
      awsRegion: eu-central-1
`
    writeFileSync(join(folder.path, 'inlet.yaml'), text)
  }

  const inlet = (...args: string[]) =>
    runInlet(['provision', ...args], { cwd: folder.path, env, expected: [0, 1] })
  async function actions(...args: string[]) {
    const { stdout, code } = await inlet(...args, '--json')
    const { sources } = JSON.parse(stdout)
    return { code, actions: sources.map((one: { action?: string }) => one.action ?? null), sources }
  }

  test('plan shows the difference and changes nothing, apply makes it none', async () => {
    const shown = await inlet('plan')
    assert.equal(shown.code, 1)
    assert.match(shown.stdout, /webhook: analytics-notification lake is missing, to be created/)
    assert.match(shown.stdout, /\+ filters\.eventTypes: \["interaction"\]/)
    assert.match(shown.stdout, /\+ headers\.X-Api-Key: "\*\*\*"/)
    assert.ok(!shown.stdout.includes(secret))
    const create = ['create', 'create', 'create']
    assert.deepEqual((await actions('plan')).actions, create)
    const applied = await actions('apply')
    assert.deepEqual([applied.code, applied.actions], [0, create])
    const again = await actions('apply')
    assert.deepEqual([again.code, again.actions], [0, ['none', 'none', 'none']])
    assert.equal((await actions('plan')).code, 0)
  })

  test('a topic that the organisation does not have is named before it is set up', async () => {
    const path = join(folder.path, 'inlet.yaml')
    const topic = 'v2.detail.events.conversation.{id}.customer.ends'
    writeFileSync(path, readFileSync(path, 'utf8').replace('customer.end"', 'customer.ends"'))
    const shown = await inlet('plan')
    assert.ok(shown.stdout.includes(`  ! ${topic} is no topic of this organisation\n`))
    const applied = await actions('apply')
    assert.equal(applied.code, 0)
    assert.deepEqual(
      applied.sources.map((one: { topics: object }) => one.topics),
      [[], [], [topic]].map((unknown) => ({ unknown, trouble: null })),
    )
    // Nothing is left to apply, and still it is not as it should be.
    assert.equal((await actions('plan')).code, 1)
  })

  test('what was deactivated is told of, and reactivated', async () => {
    await inlet('apply')
    cloud.deactivate('all')
    const shown = await inlet('plan')
    assert.equal(shown.code, 1)
    assert.match(shown.stdout, /events: .* is INACTIVE and delivers nothing/)
    assert.deepEqual((await actions('apply')).actions, ['reactivate', 'reactivate', 'none'])
    assert.equal((await actions('plan')).code, 0)
  })

  test('a missing permission and a missing certificate are named, others are set up', async () => {
    configure({})
    cloud.faults.missingPermissions = ['notification:write']
    const { code, sources } = await actions('apply')
    assert.equal(code, 1)
    const [webhook, events, bus] = sources
    assert.match(webhook.error.message, /webhook is not set up: it has no certificate/)
    assert.match(events.error.message, /lacks .*notification:write/)
    assert.deepEqual([bus.action, bus.error], ['create', null])
  })

  test('retries for longer than an event is known are refused, with the arithmetic', async () => {
    configure({ certificateId: 'cert-1', retryPolicy: { maxRetries: 14 } })
    const [webhook] = (await actions('plan')).sources
    assert.match(webhook.error.message, /1m \+ 2m \+ .* = 11\.4d; dedup\.window knows it for 5d/)
  })

  test('a client of another region is told of at once', async () => {
    writeFileSync(
      join(folder.path, 'inlet.yaml'),
      `listen: { host: 127.0.0.1, port: 8443 }
orgs:
  - name: prod
    orgId: ${cloud.orgId}
    host: "${cloud.host}"
    clientId: { env: INLET_TEST_SECRET }
    clientSecret: { env: INLET_TEST_SECRET }
sources:
  - name: webhook
    org: prod
    path: /notification
    auth: none
    accept: { eventTypes: [interaction] }
    subscription: { kind: event-subscription, name: lake, publicUrl: "https://in.example.com/" }
`,
    )
    const { code, sources } = await actions('plan')
    assert.deepEqual([code, sources[0].error.code], [1, 'INL_GEN_REGION'])
  })
})

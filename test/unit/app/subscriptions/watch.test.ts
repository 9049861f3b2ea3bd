import assert from 'node:assert/strict'
import { join } from 'node:path'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { parseConfig } from '../../../../src/app/config/load.ts'
import type { Config } from '../../../../src/app/config/schema.ts'
import { provision } from '../../../../src/app/provision.ts'
import { readStates } from '../../../../src/app/subscriptions/states.ts'
import { Look } from '../../../../src/app/subscriptions/watch.ts'
import { systemClock } from '../../../../src/core/clock.ts'
import { nodeFiles } from '../../../../src/core/node-files.ts'
import { seededRandom } from '../../../../src/core/random.ts'
import { movableClock } from '../../../support/clock.ts'
import {
  openTestClient,
  orgSection,
  startTestCloud,
  type TestCloud,
} from '../../../support/cloud.ts'
import { temporaryFolder } from '../../../support/temporary.ts'

const signal = new AbortController().signal

function configOf({ orgId, host }: TestCloud, folder: string, more: string): Config {
  const text = `listen: { host: 127.0.0.1, port: 8443 }
${orgSection({ orgId, host })}
sources:
  - name: events
    org: prod
    path: /events
    auth: none
    subscription:
      { kind: event-subscription, name: lake, publicUrl: "https://in.example.com", topics: [a] }
  - name: bus
    org: prod
    path: /bus
    auth: none
    contract: eventbridge
    subscription:
      kind: eventbridge
      name: inlet
      topics: [a]
      awsAccount: "123456789012"
      awsRegion: eu-central-1
journal: { dir: ./journal }
${more}`
  const loaded = parseConfig(text, join(folder, 'inlet.yaml'))
  assert.ok(loaded.ok, JSON.stringify(loaded))
  return loaded.file.config
}

const clock = movableClock(1_770_000_000_000)

/** What is observed is told, as event and source. */
function surroundingsOf(told: string[]) {
  const random = seededRandom(3)
  const observer = (event: string, { source = '' }: Readonly<Record<string, unknown>> = {}) =>
    void told.push(`${event} ${source}`)
  const nothing = async () => ''
  const aws = { secret: nothing, parameter: nothing }
  const secretSource = { environment: () => 'simulator', file: nothing, aws }
  return { clock, random, files: nodeFiles, observer, secretSource }
}

suite('the watch of subscriptions', () => {
  let folder: { path: string; dispose: () => Promise<void> }
  let cloud: TestCloud
  let told: string[]

  beforeEach(async () => {
    folder = await temporaryFolder()
    cloud = await startTestCloud()
    told = []
  })
  afterEach(async () => {
    await cloud.stop()
    await folder.dispose()
  })

  const configured = (more = '') => configOf(cloud, folder.path, more)
  const surroundings = () => surroundingsOf(told)

  function opened(config: Config): Look {
    const clients = new Map([['prod', openTestClient(cloud)]])
    return new Look({ ...surroundings(), clients }, config, config.sources)
  }

  const apply = async (config: Config) => {
    const deps = { ...surroundings(), clock: systemClock }
    const applied = await provision(deps, config, { apply: true, onStep: () => undefined })
    assert.deepEqual(
      applied.map(({ error }) => error),
      [null, null],
    )
  }
  const states = async ({ journal }: Config) =>
    (await readStates(nodeFiles, journal.dir)).map(({ source, state }) => `${source} ${state}`)
  const disableBus = async () => {
    const client = openTestClient(cloud)
    const page = await client.call({ method: 'GET', path: '/api/v2/integrations' })
    const [{ id }] = JSON.parse(page.bytes.toString()).entities
    const body = { intendedState: 'DISABLED' }
    await client.call({ method: 'PATCH', path: `/api/v2/integrations/${id}`, body })
  }

  test('makes webhooks active again, and leaves to people what people did', async () => {
    const config = configured()
    await apply(config)
    const look = opened(config)
    await look.all(signal)
    assert.deepEqual([told, await states(config)], [[], ['events active', 'bus active']])
    cloud.deactivate('all')
    await disableBus()
    await look.all(signal)
    const found = ['subscription_silent events', 'subscription_reactivated events']
    assert.deepEqual(told, [...found, 'subscription_silent bus'])
    assert.deepEqual(await states(config), ['events inactive', 'bus inactive'])
    await look.all(signal)
    assert.deepEqual(told.slice(3), ['subscription_delivers events'])
    assert.deepEqual(await states(config), ['events active', 'bus inactive'])
  })

  test('tells alone where it is told to, and since when', async () => {
    const config = configured('provision: { reactivate: false }')
    await apply(config)
    cloud.deactivate('all')
    await opened(config).all(signal)
    const since = clock.now()
    clock.advance(60_000)
    const again = opened(config)
    for (let looks = 0; looks < 2; looks++) await again.all(signal)
    const silent = 'subscription_silent events'
    assert.deepEqual(told, [silent, silent], 'once a process')
    const [events] = await readStates(nodeFiles, config.journal.dir)
    assert.deepEqual(events, {
      ...{ source: 'events', name: 'lake', state: 'inactive' },
      ...{ since, checkedAt: since + 60_000 },
    })
  })

  test('neither makes nor changes any, and one that fails holds up no other', async () => {
    const config = configured()
    const look = opened(config)
    await look.all(signal)
    assert.deepEqual(await states(config), ['events missing', 'bus missing'])
    await apply(config)
    cloud.deactivate('all')
    const others = { ...config, sources: config.sources.map((one) => ({ ...one })) }
    const [events] = others.sources
    assert.ok(events?.subscription)
    events.subscription = { ...events.subscription, topics: ['another'] }
    await opened(others).all(signal)
    assert.deepEqual(await states(config), ['events inactive', 'bus active'])
    assert.ok(!told.includes('subscription_reactivated events'), 'it differs: that is for apply')
    cloud.faults.missingPermissions = ['notification:read', 'notification:write']
    told.length = 0
    await look.all(signal)
    assert.deepEqual(told, ['subscription_not_checked events', 'subscription_delivers bus'])
  })
})

/** Subscriptions that Genesys Cloud deactivates beside a running Inlet. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { freePort } from '../../src/core/free-port.ts'
import { orgSection, startTestCloud, type TestCloud } from '../support/cloud.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { until } from './inlet-output.ts'
import { type InletProcess, runInlet, startInlet } from './inlet-process.ts'
import { runIsUp } from './several-gateways.ts'

const env = { GC_ID: 'simulator', GC_SECRET: 'simulator', INLET_KEY: 'the-key-of-the-sender' }

suite('subscriptions beside a running Inlet', () => {
  let folder: { path: string; dispose: () => Promise<void> }
  let cloud: TestCloud
  let inlet: InletProcess
  let opsPort: number

  before(async () => {
    folder = await temporaryFolder()
    cloud = await startTestCloud()
    opsPort = await freePort()
    const config = `listen: { host: 127.0.0.1, port: ${await freePort()} }
${orgSection(cloud)}
sources:
  - name: events
    org: prod
    path: /events
    auth: { apiKey: { header: X-Api-Key, secrets: [{ env: INLET_KEY }] } }
    subscription:
      kind: event-subscription
      name: lake
      publicUrl: https://in.example.com/events
      topics: [call.event]
provision: { every: 10s }
journal: { minFree: 0B, ephemeral: true }
lake: { commitEvery: 100ms, silverEvery: 1s, goldEvery: 1s }
ops: { port: ${opsPort} }
`
    writeFileSync(join(folder.path, 'inlet.yaml'), config)
    await inletOnce('provision', 'apply')
    inlet = startInlet(['run'], { cwd: folder.path, env })
    await until(inlet, runIsUp)
  })
  after(async () => {
    inlet.signal('SIGKILL')
    await inlet.ended
    await cloud.stop()
    await folder.dispose()
  })

  const inletOnce = (...args: string[]) =>
    runInlet(args, { cwd: folder.path, env, expected: [0, 1] })

  async function subscriptions() {
    const { subscriptions: found } = JSON.parse((await inletOnce('status', '--json')).stdout)
    return found.map(({ source, name, state }: Record<string, unknown>) => [source, name, state])
  }

  async function metrics(): Promise<string> {
    return (await fetch(`http://127.0.0.1:${opsPort}/metrics`)).text()
  }

  test('one that is deactivated is told of, counted, and active again', async () => {
    cloud.deactivate('all')
    assert.equal((await inletOnce('provision', 'plan')).code, 1)
    await until(inlet, /"event":"subscription_silent","source":"events".*"state":"inactive"/)
    await until(inlet, /"event":"subscription_reactivated","source":"events"/)
    assert.deepEqual(await subscriptions(), [['events', 'lake', 'inactive']])
    const { stdout } = await inletOnce('status')
    assert.match(stdout, /subscription of events +lake is INACTIVE for .* and delivers nothing/)
    const labels = 'source="events",reason="subscription",process="loader"'
    assert.ok((await metrics()).includes(`inlet_alert{${labels}} 1`))
    assert.equal((await inletOnce('provision', 'plan')).code, 0)
    await until(inlet, /"event":"subscription_delivers","source":"events"/)
    assert.deepEqual(await subscriptions(), [['events', 'lake', 'active']])
    const page = await metrics()
    assert.ok(page.includes(`inlet_alert{${labels}} 0`))
    const counted = 'inlet_subscription_reactivations_total{source="events",process="loader"} 1'
    assert.ok(page.includes(counted))
  })
})

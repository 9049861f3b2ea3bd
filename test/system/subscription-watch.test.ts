/** Subscriptions that Genesys Cloud deactivates beside a running Inlet. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../src/core/free-port.ts'
import { orgSection, startTestCloud, type TestCloud } from '../support/cloud.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { told } from './commands-in.ts'
import { until, untilMeasured } from './inlet-output.ts'
import { type InletProcess, runInlet, startInlet } from './inlet-process.ts'
import { runIsUp } from './several-gateways.ts'

const env = { GC_ID: 'simulator', GC_SECRET: 'simulator', INLET_KEY: 'the-key-of-the-sender' }

suite('subscriptions beside a running Inlet', () => {
  let folder: { path: string; dispose: () => Promise<void> }
  let cloud: TestCloud
  let inlet: InletProcess

  before(async () => {
    folder = await temporaryFolder()
    cloud = await startTestCloud()
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
ops: { port: 0 }
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

  async function states(): Promise<string[]> {
    const { subscriptions } = await told({ cwd: folder.path, env }, 'status')
    return subscriptions.map((one: Record<string, unknown>) => {
      return `${one['source']} ${one['name']} ${one['state']}`
    })
  }

  test('one that is deactivated is told of, counted, and active again', async () => {
    // Until it may be made active again, it stays as it is.
    cloud.faults.missingPermissions = ['notification:write']
    cloud.deactivate('all')
    await until(inlet, /"event":"subscription_silent","source":"events".*"state":"inactive"/)
    while ((await states()).join() !== 'events lake inactive') await sleep(100)
    assert.equal((await inletOnce('provision', 'plan')).code, 1)
    const { stdout } = await inletOnce('status')
    assert.match(stdout, /subscription of events +lake is INACTIVE for .* and delivers nothing/)
    const alert = 'inlet_alert{source="events",reason="subscription",process="loader"}'
    await untilMeasured(inlet, new RegExp(`^${alert} 1$`, 'm'))
    cloud.faults.missingPermissions = []
    await until(inlet, /"event":"subscription_reactivated","source":"events"/)
    assert.equal((await inletOnce('provision', 'plan')).code, 0)
    await until(inlet, /"event":"subscription_delivers","source":"events"/)
    while ((await states()).join() !== 'events lake active') await sleep(100)
    await untilMeasured(inlet, new RegExp(`^${alert} 0$`, 'm'))
    const counted = /^inlet_subscription_reactivations_total{source="events",process="loader"} 1$/m
    await untilMeasured(inlet, counted)
  })
})

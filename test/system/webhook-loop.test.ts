/** Without an organisation: simulate, provision apply and run, until events are there. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../src/core/free-port.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { told } from './commands-in.ts'
import { until } from './inlet-output.ts'
import { type InletProcess, runInlet, startInlet } from './inlet-process.ts'
import { runIsUp } from './several-gateways.ts'

const env = { GC: 'simulator', INLET_KEY: 'the-key-of-the-sender' }

function configText(ports: { door: number; api: number }, orgId: string): string {
  return `listen:
  host: 127.0.0.1
  port: ${ports.door}
  tls: { certFile: tls/server.pem, keyFile: tls/server.key }
orgs:
  - name: trial
    orgId: ${orgId}
    host: "127.0.0.1:${ports.api}"
    clientId: { env: GC }
    clientSecret: { env: GC }
sources:
  - name: notifications
    org: trial
    path: /notifications
    auth: none
    subscription:
      kind: analytics-notification
      name: trial
      publicUrl: https://localhost:${ports.door}/notifications
      certificateId: trial
      topics: [interaction]
      retryPolicy: { maxRetries: 5, retryInterval: 1s }
  - name: subscribed
    org: trial
    path: /subscribed
    auth:
      apiKey: { header: X-Api-Key, secrets: [{ env: INLET_KEY }] }
      hmac: { header: X-Genesys-Signature, secrets: [{ env: INLET_KEY }] }
    subscription:
      kind: event-subscription
      name: trial
      publicUrl: https://localhost:${ports.door}/subscribed
      topics: [call.event, chat.event, email.event, disposition.event]
journal: { minFree: 0B, ephemeral: true }
lake: { commitEvery: 100ms, silverEvery: 1s, goldEvery: 1s }
ops: { port: 0 }
`
}

test('a subscription made at the simulator delivers to the Inlet that asked for it', async () => {
  const folder = await temporaryFolder()
  const surroundings = { cwd: folder.path, env }
  const started: InletProcess[] = []
  try {
    const [api, door] = [await freePort(), await freePort()]
    const telling = ['--events', '100000', '--ca', 'tls/ca.pem']
    await runInlet(['certificates', 'make', 'tls'], surroundings)
    const simulator = startInlet(['simulate', '--port', String(api), ...telling], surroundings)
    started.push(simulator)
    await until(simulator, /with orgId: /)
    const [, orgId = ''] = /with orgId: ([0-9a-f-]+)/.exec(simulator.stderr()) ?? []
    writeFileSync(join(folder.path, 'inlet.yaml'), configText({ door, api }, orgId))
    const inlet = startInlet(['run'], surroundings)
    started.push(inlet)
    await until(inlet, runIsUp)
    await runInlet(['provision', 'apply'], surroundings)
    const sql = 'SELECT DISTINCT source FROM bronze.events ORDER BY source'
    while ((await told(surroundings, 'query', sql)).length !== 2) {
      for (const one of started)
        assert.equal(await Promise.race([one.ended, sleep(200)]), undefined)
    }
    const plan = await runInlet(['provision', 'plan'], surroundings)
    assert.equal(plan.code, 0)
    const other = "SELECT count(*) AS n FROM bronze.arrivals WHERE outcome = 'dead_letter'"
    const [row] = await told(surroundings, 'query', other)
    assert.equal(Number(row.n), 0)
  } finally {
    for (const one of started) {
      one.signal('SIGKILL')
      await one.ended
    }
    await folder.dispose()
  }
})

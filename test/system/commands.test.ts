/** The command as users run it: real processes, real signals, a real disk. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../src/core/free-port.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { metricsOf, pidOf, until, untilMeasured } from './inlet-output.ts'
import { type InletProcess, runInlet, startInlet } from './inlet-process.ts'

let folder: { path: string; dispose: () => Promise<void> }
let url: string

before(async () => {
  folder = await temporaryFolder()
  const port = await freePort()
  url = `http://127.0.0.1:${port}/events`
  writeFileSync(
    join(folder.path, 'inlet.yaml'),
    `listen: { host: 127.0.0.1, port: ${port} }
sources:
  - name: trial
    path: /events
    auth: { apiKey: { secrets: [{ env: KEY }] } }
journal: { minFree: 0B, ephemeral: true }
lake: { commitEvery: 100ms }
ops: { port: 0 }
alerts: { silentAfter: 1s }
`,
  )
})
after(async () => {
  // Only what a failed test has left.
  for (const inlet of started) inlet.signal('SIGKILL')
  await folder.dispose()
})

const started: InletProcess[] = []

function start(command: string): InletProcess {
  const inlet = startInlet([command], options())
  started.push(inlet)
  return inlet
}

const options = () => ({ cwd: folder.path, env: { KEY: 'sesame' } })

async function post(id: string): Promise<unknown> {
  const body = JSON.stringify({ messageId: id, eventType: 'call.event' })
  const headers = { 'content-type': 'application/json', 'x-api-key': 'sesame' }
  const response = await fetch(url, { method: 'POST', body, headers })
  return { status: response.status, ...JSON.parse(await response.text()) }
}

suite('inlet', () => {
  test('check-config tells what is wrong, and exits 2', async () => {
    writeFileSync(join(folder.path, 'wrong.yaml'), 'listen: { prot: 8443 }\n')
    const args = ['check-config', '--config', 'wrong.yaml']
    const { stdout, stderr } = await runInlet(args, { ...options(), expected: [2] })
    assert.equal(stdout, '')
    assert.match(stderr, /wrong\.yaml:1:11: listen\.prot: .* Did you mean "port"\?/)
    assert.match(stderr, /sources: is missing/)
  })

  test('gateway makes an event durable, drains at SIGTERM, and exits 0', async () => {
    const gateway = start('gateway')
    await until(gateway, /"event":"process_started"/)
    assert.deepEqual(await post('first'), { status: 200, outcome: 'stored' })
    assert.deepEqual(await post('first'), { status: 200, outcome: 'duplicate' })
    const metrics = await metricsOf(gateway)
    assert.match(metrics, /^inlet_journal_position{process="gateway"} [2-9]$/m)
    const doctor = await runInlet(['doctor', '--json'], options())
    const { findings } = JSON.parse(doctor.stdout)
    const port = findings.find((one: { name: string }) => one.name === 'port')
    assert.match(port.detail, /a gateway is running/)
    gateway.signal('SIGTERM')
    assert.equal(await gateway.ended, 0)
    assert.match(gateway.stderr(), /"event":"process_stopped"/)
  })

  test('journal inspect shows what the gateway kept', async () => {
    const { stdout } = await runInlet(['journal', 'inspect', '--json'], options())
    const kinds = JSON.parse(stdout).partitions[0].records.map((one: { kind: string }) => one.kind)
    // A tally is told every second, between the two or behind them.
    const told = kinds.filter((kind: string) => kind !== 'note')
    assert.deepEqual(told, ['event', 'repeat'])
  })

  test('run lands what comes and ends in order, and query finds it', async () => {
    const inlet = start('run')
    await until(inlet, /"role":"run","pid":\d+,"event":"process_started"/)
    // A terminal sends Ctrl-C to every process; the order of stopping is for the first of them.
    for (const role of ['gateway', 'loader']) process.kill(await pidOf(inlet, role), 'SIGINT')
    await sleep(100)
    assert.deepEqual(await post('second'), { status: 200, outcome: 'stored' })
    for (const line of [
      /^inlet_events_total{source="trial",outcome="stored",process="gateway"} 1$/m,
      /^inlet_loader_commits_total{process="loader"} \d+$/m,
      /^inlet_processes_started_total{process="supervisor"} 2$/m,
    ])
      await untilMeasured(inlet, line)
    await until(inlet, /"event":"source_silent","source":"trial"/)
    const alert = /^inlet_alert{source="trial",reason="silent",process="supervisor"} 1$/m
    await untilMeasured(inlet, alert)
    for (const line of [/<td>trial<\/td><td>1<\/td>/, /<li>silent of trial<\/li>/])
      await untilMeasured(inlet, line, '/books')
    inlet.signal('SIGINT')
    assert.equal(await inlet.ended, 0)
    const order = [
      ...inlet.stderr().matchAll(/"role":"(\w+)","pid":\d+,"event":"process_stopped"/g),
    ]
    assert.deepEqual(
      order.map(([, role]) => role),
      ['gateway', 'loader', 'run'],
    )
    const sql = 'SELECT event_id FROM bronze.events ORDER BY position'
    const { stdout } = await runInlet(['query', '--format', 'csv', sql], options())
    assert.equal(stdout, 'event_id\nfirst\nsecond\n')
  })

  test('run starts a killed gateway again, and leaves none behind when it is killed', async () => {
    const inlet = start('run')
    await until(inlet, /"role":"run","pid":\d+,"event":"process_started"/)
    process.kill(await pidOf(inlet, 'gateway'), 'SIGKILL')
    await until(inlet, /"event":"child_exited"[^\n]*"signal":"SIGKILL"/)
    await until(inlet, /(?:"role":"gateway","pid":\d+,"event":"process_started"[\s\S]*){2}/)
    assert.deepEqual(await post('third'), { status: 200, outcome: 'stored' })
    inlet.signal('SIGKILL')
    // Its output ends once the last process that shares it has.
    await inlet.ended
    assert.match(inlet.stderr(), /"role":"gateway","pid":\d+,"event":"process_stopped"/)
    assert.match(inlet.stderr(), /"role":"loader","pid":\d+,"event":"process_stopped"/)
    await assert.rejects(post('fourth'))
  })
})

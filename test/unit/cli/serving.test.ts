/** A gateway in the test's own process, and what is run beside it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { freePort } from '../../../src/core/free-port.ts'
import { nodeFiles } from '../../../src/core/node-files.ts'
import { readLedger } from '../../../src/simulator/ledger/ledger-file.ts'
import { testPki } from '../../support/certificates.ts'
import { type Desk, openDesk, plainConfig, type Ran } from '../../support/shell.ts'

/** A machine that stalls for longer than a sender waits must not cost a test its minutes. */
const soon = ['--first-retry', '50ms']

suite('beside a gateway', () => {
  const stop = new AbortController()
  let desk: Desk
  let gatewayDesk: Desk
  let gateway: Promise<Ran>
  let port: number

  before(async () => {
    port = await freePort()
    const environment = { SECRET: 'hunter2-hunter2' }
    const auth = 'auth: { hmac: { header: X-Sig, secrets: [{ env: SECRET }] } }'
    const config = plainConfig.replace('port: 0', `port: ${port}`).replace('auth: none', auth)
    desk = await openDesk({ environment })
    await desk.write('inlet.yaml', config)
    const up = Promise.withResolvers<void>()
    gatewayDesk = await openDesk({
      environment,
      folder: desk.folder,
      stop: stop.signal,
      ready: up.resolve,
    })
    gateway = gatewayDesk.run('gateway', '--json')
    await up.promise
  })
  after(async () => {
    stop.abort()
    await gateway
    await desk.dispose()
    await gatewayDesk.dispose()
  })

  test('simulate is acknowledged, by source and by URL, and keeps a ledger', async () => {
    const shared = ['--events', '60', '--seed', '3', '--concurrency', '4', '--json', ...soon]
    const bySource = await desk.run('simulate', ...shared, '--ledger', 'sent.ndjson')
    assert.equal(bySource.code, 0, bySource.stderr)
    const report = JSON.parse(bySource.stdout)
    assert.equal(report.givenUp, 0)
    const { stored = 0, duplicate = 0 } = report.outcomes
    assert.equal(stored + duplicate, report.acknowledged)
    const ledger = await readLedger(nodeFiles, join(desk.folder, 'sent.ndjson'))
    assert.equal(ledger.bodies.size, report.acknowledged)

    const url = `http://127.0.0.1:${port}/events`
    const proof = ['--hmac-header', 'X-Sig', '--hmac-secret-env', 'SECRET']
    const byUrl = await desk.run('simulate', ...shared, '--url', url, ...proof)
    assert.equal(JSON.parse(byUrl.stdout).acknowledged, report.acknowledged)
  })

  test('simulate without a proof gives up, says why, and exits 1', async () => {
    const url = `http://127.0.0.1:${port}/events`
    const args = ['--url', url, '--events', '5', '--dialect', 'notification', ...soon]
    const { code, stdout } = await desk.run('simulate', ...args)
    assert.equal(code, 1)
    assert.match(stdout, /given up +\d+ requests?\n +request \d+: status 401/)
  })

  test('simulate says at once, and once, why a request is tried again', async () => {
    const stop = new AbortController()
    let said = ''
    const stderr = (text: string) => {
      said += text
      stop.abort(new Error('told enough'))
    }
    const { certificate: cert, key } = testPki().server
    const receiver = createServer({ cert, key }).listen(0, '127.0.0.1')
    await once(receiver, 'listening')
    const sender = await openDesk({ stderr, stop: stop.signal })
    try {
      const url = `https://127.0.0.1:${(receiver.address() as AddressInfo).port}/events`
      await sender.run('simulate', '--url', url, '--events', '50', '--first-retry', '1h')
      assert.match(
        said,
        /^Not acknowledged.*: broken connection: .*certificate.* name its --ca\.\n$/,
      )
    } finally {
      receiver.close()
      await sender.dispose()
    }
  })

  test('simulate is told what it cannot send to', async () => {
    const wrong = [
      [['--url', 'nowhere'], /"nowhere" is no URL/],
      [['--source', 'nobody'], /there is no source nobody\. Write --source trial/],
      [['--url', 'http://127.0.0.1', '--api-key-env', 'NO'], /variable NO is not set/],
    ] as const
    for (const [args, complaint] of wrong) {
      const { code, stderr } = await desk.run('simulate', ...args)
      assert.equal(code, 2)
      assert.match(stderr, complaint)
    }
  })

  test('doctor finds all well', async () => {
    const { code, stdout } = await desk.run('doctor')
    assert.equal(code, 0)
    assert.match(stdout, /ok +journal lock +a gateway is running/)
    assert.match(stdout, /ok +port +127\.0\.0\.1:\d+ is taken, and a gateway is running/)
    assert.match(stdout, /ok +lake +folder .* refuses to write an object twice/)
    assert.doesNotMatch(stdout, /FAIL/)
  })

  test('doctor fails on what would keep another Inlet from starting', async () => {
    const auth = 'auth: { apiKey: { secrets: [{ env: MISSING }] } }'
    const tls = ', tls: { certFile: no.pem, keyFile: no.key } }'
    const config = plainConfig
      .replace('port: 0 }', `port: ${port}${tls}`)
      .replace('auth: none', auth)
      .replace('journal: {', 'journal: { dir: ./elsewhere,')
    await desk.write('second.yaml', config)
    const { code, stdout } = await desk.run('doctor', '-c', 'second.yaml', '--json')
    assert.equal(code, 1)
    const { ok, findings } = JSON.parse(stdout)
    assert.equal(ok, false)
    const failed = findings.filter((one: { level: string }) => one.level === 'fail')
    assert.deepEqual(
      failed.map((one: { name: string }) => one.name),
      ['secret', 'TLS files', 'port'],
    )
    assert.ok(failed.every((one: { remedy: string | null }) => one.remedy !== null))
  })

  test('a second gateway says what it lacks, and what to do', async () => {
    const { code, stderr } = await desk.run('gateway', '-c', 'second.yaml')
    assert.equal(code, 1)
    assert.match(stderr, /no\.pem cannot be read/)
  })
})

suite('simulate with a port', () => {
  test('serves the API of its organisation until it is stopped', async () => {
    const stop = new AbortController()
    const desk = await openDesk({ stop: stop.signal })
    const port = await freePort()
    const running = desk.run('simulate', '--port', String(port), '--events', '20', '--ago', '1h')
    const form = new URLSearchParams({ grant_type: 'client_credentials' })
    const authorization = `Basic ${Buffer.from('simulator:simulator').toString('base64')}`
    const login = () =>
      fetch(`http://127.0.0.1:${port}/oauth/token`, {
        method: 'POST',
        body: form,
        headers: { authorization },
      }).catch(() => null)
    let answer = await login()
    while (answer === null) answer = await login()
    const { access_token: token } = Object(await answer.json())
    assert.equal(typeof token, 'string')
    stop.abort()
    const { code, stderr } = await running
    assert.equal(code, 0, stderr)
    assert.match(stderr, new RegExp(`host: 127.0.0.1:${port}, with orgId: [0-9a-f-]{36}`))
    await desk.dispose()
  })
})

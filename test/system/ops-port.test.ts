/** The port for operators where other machines reach it: real processes, TLS and a proof. */
import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { realMachine } from '../../src/app/machine.ts'
import { opsPort } from '../../src/app/ops-port.ts'
import { type TestPki, testPki } from '../support/certificates.ts'
import { configAt, openDesk } from '../support/shell.ts'
import { until } from './inlet-output.ts'
import { startInlet } from './inlet-process.ts'

const configuration = (auth: string) => `
listen: { host: 127.0.0.1, port: 0 }
sources: [{ name: trial, path: /events, auth: none }]
journal: { minFree: 0B, ephemeral: true }
ops:
  host: 0.0.0.0
  port: 0
  tls: { certFile: ops.pem, keyFile: ops.key }
  auth: ${auth}
`

interface Asked {
  readonly port: number
  readonly ca: string
  readonly authorization?: string
}

/** The status, what is challenged, and the page; rejects where TLS does not hold. */
async function ask({ port, ca, authorization }: Asked) {
  const headers = authorization === undefined ? {} : { authorization }
  const sent = request({
    ...{ host: '127.0.0.1', servername: 'localhost', port, ca, headers, path: '/metrics' },
    agent: false,
  })
  sent.end()
  const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    sent.on('response', resolve)
    sent.on('error', reject)
  })
  const challenge = response.headers['www-authenticate'] ?? null
  return { status: response.statusCode, challenge, page: await text(response) }
}

async function deskOver(auth: string, pki: TestPki) {
  const desk = await openDesk()
  await desk.write('ops.pem', pki.server.certificate)
  await desk.write('ops.key', pki.server.key)
  await desk.write('inlet.yaml', configuration(auth))
  return desk
}

test('other machines read metrics over TLS with a token, and health is told too', async () => {
  const pki = testPki()
  const desk = await deskOver('{ bearer: { secrets: [{ env: OPS_TOKEN }] } }', pki)
  const env = { OPS_TOKEN: 'let-me-in' }
  const inlet = startInlet(['gateway'], { cwd: desk.folder, env })
  try {
    const listening = /"event":"ops_listening".*?"port":(\d+)/
    await until(inlet, listening)
    await until(inlet, /"event":"process_started"/)
    const port = Number(listening.exec(inlet.stderr())?.[1])
    const { ca } = pki
    assert.deepEqual(await ask({ port, ca }).then(({ status, challenge }) => [status, challenge]), [
      401,
      'Bearer realm="inlet"',
    ])
    assert.equal((await ask({ port, ca, authorization: 'Bearer let-me' })).status, 401)
    const read = await ask({ port, ca, authorization: 'Bearer let-me-in' })
    assert.equal(read.status, 200)
    assert.match(read.page, /inlet_connections\{process="gateway"\} \d/)
    await assert.rejects(ask({ port, ca: testPki('Another').ca, authorization: 'Bearer x' }))
    const asked = configuration('{ bearer: { secrets: [{ env: OPS_TOKEN }] } }')
    await desk.write('asked.yaml', asked.replace('port: 0\n  tls', `port: ${port}\n  tls`))
    const health = startInlet(['health', '--config', 'asked.yaml'], { cwd: desk.folder, env })
    assert.equal(await health.ended, 0, health.stdout() + health.stderr())
    const other = { OPS_TOKEN: 'let-me-not' }
    const told = startInlet(['health', '--config', 'asked.yaml'], { cwd: desk.folder, env: other })
    assert.equal(await told.ended, 1)
    assert.match(told.stdout(), /it answers 401/)
  } finally {
    inlet.signal('SIGTERM')
    await inlet.ended
    await desk.dispose()
  }
})

test('a certificate that comes late, or anew, is taken into use without a restart', async () => {
  const pki = testPki()
  const auth = '{ basic: { user: prometheus, secrets: [{ file: ./password }] } }'
  const desk = await deskOver(auth, pki)
  await desk.write('password', 'pass')
  await rm(join(desk.folder, 'ops.pem'))
  const said: string[] = []
  const heard: { port?: number } = {}
  const deps = {
    ...realMachine,
    observer: (event: string, fields?: { port?: unknown }) => {
      said.push(event)
      if (event === 'ops_listening') heard.port = Number(fields?.port)
    },
    secretSource: {
      environment: () => undefined,
      file: async (path: string) => (await realMachine.files.readAll(path)).toString(),
      aws: { secret: () => Promise.reject(), parameter: () => Promise.reject() },
    },
  }
  const page = { headers: {}, read: async () => 'metrics' }
  const config = await configAt(desk)
  const lives = opsPort(deps, config.ops, { '/metrics': page })
  const authorization = `Basic ${Buffer.from('prometheus:pass').toString('base64')}`
  const answered = async (ca: string) => {
    for (;;) {
      const { port = 0 } = heard
      const found = await ask({ port, ca, authorization }).catch(() => null)
      if (found?.status === 200) return found.page
      await realMachine.clock.sleep(20)
    }
  }
  try {
    for (const life of lives) await life.start(new AbortController().signal)
    assert.deepEqual(said, ['ops_unavailable'])
    await writeFile(join(desk.folder, 'ops.pem'), pki.server.certificate)
    assert.equal(await answered(pki.ca), 'metrics')
    const next = testPki('Another authority')
    await writeFile(join(desk.folder, 'ops.key'), next.server.key)
    await writeFile(join(desk.folder, 'ops.pem'), next.server.certificate)
    assert.equal(await answered(next.ca), 'metrics')
    assert.deepEqual(
      said.filter((event) => event !== 'tls_renewal_failed'),
      ['ops_unavailable', 'ops_listening', 'tls_renewed', 'tls_renewed'],
    )
  } finally {
    for (const life of lives) await life.stop()
    await desk.dispose()
  }
})

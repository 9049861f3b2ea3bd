/** How TLS is spoken, as openssl and curl see it. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { after, before, suite, test } from 'node:test'
import { promisify } from 'node:util'
import { shown, testPki } from '../support/certificates.ts'
import {
  apiKey,
  apiKeySource,
  hmacSource,
  startIngress,
  type TestIngress,
} from '../support/ingress.ts'
import { temporaryFolder } from '../support/temporary.ts'

const run = promisify(execFile)
const pki = testPki()
const clients = {
  good: pki.client('genesys'),
  unmapped: pki.client('somebody'),
  untrusted: testPki().client('genesys'),
  expired: pki.client('genesys', { days: -0.01 }),
  revoked: pki.client('genesys'),
}
const certified = {
  ...hmacSource,
  name: 'certified',
  path: '/certified',
  auth: { clientCertificates: [{ commonName: 'genesys' }] },
}
let strict: TestIngress
let mixed: TestIngress
let folder: Awaited<ReturnType<typeof temporaryFolder>>

before(async () => {
  folder = await temporaryFolder()
  await writeFile(`${folder.path}/ca.pem`, pki.ca)
  for (const [name, issued] of Object.entries(clients)) {
    const { cert, key } = shown(issued)
    await writeFile(`${folder.path}/${name}.pem`, `${cert}${key}`)
  }
  const tls = tlsOf()
  strict = await startIngress({ tls, sources: [certified] })
  mixed = await startIngress({ tls, sources: [certified, apiKeySource] })
})

function tlsOf() {
  const { certificate: cert, key } = pki.server
  const trust = { ca: pki.ca, crl: pki.crl([clients.revoked]) }
  return { cert, key, minVersion: 'TLSv1.2', clients: trust } as const
}

after(async () => {
  await Promise.all([strict.stop(), mixed.stop()])
  await folder.dispose()
})

/** What openssl says of a connection that it closes at once. */
async function handshake(port: number, ...options: string[]): Promise<string> {
  const command = ['s_client', '-connect', `127.0.0.1:${port}`, '-CAfile', 'ca.pem', ...options]
  const asked = run('openssl', command, { cwd: folder.path })
  asked.child.stdin?.end()
  const { stdout, stderr } = await asked.catch((error: { stdout: string; stderr: string }) => error)
  return stdout + stderr
}

/** The status that curl is answered, or 0. */
async function curl(port: number, path: string, ...options: string[]): Promise<number> {
  const url = `https://localhost:${port}${path}`
  const body = ['-d', '{"a":1}', '-o', '/dev/null', '-w', '%{http_code}', '-sS']
  const command = [...body, '--cacert', 'ca.pem', ...options, url]
  const asked = run('curl', command, { cwd: folder.path })
  const { stdout } = await asked.catch((error: { stdout: string }) => error)
  return Number(stdout)
}

const withClient = (name: keyof typeof clients) => ['--cert', `${name}.pem`]

suite('TLS', () => {
  // The tool would not offer old versions and ciphers by itself.
  const any = ['-cipher', 'ALL:@SECLEVEL=0']
  for (const [version, isSpoken] of [
    ['-tls1', false],
    ['-tls1_1', false],
    ['-tls1_2', true],
    ['-tls1_3', true],
  ] as const) {
    test(`${isSpoken ? 'is' : 'is not'} spoken in version ${version}`, async () => {
      const said = await handshake(mixed.port, version, ...any)
      assert.equal(/Cipher is \(NONE\)/.test(said), !isSpoken, said)
      if (isSpoken) assert.match(said, /Verify return code: 0/)
    })
  }

  for (const cipher of [
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
  ]) {
    test(`takes ${cipher}`, async () => {
      const said = await handshake(mixed.port, '-tls1_2', '-cipher', cipher)
      assert.match(said, new RegExp(`Cipher is ${cipher}`))
    })
  }

  for (const cipher of [
    'ECDHE-ECDSA-AES128-SHA',
    'ECDHE-ECDSA-AES256-SHA384',
    'ECDHE-ECDSA-AES128-CCM',
    'kRSA',
    'DHE',
    'aNULL',
  ]) {
    test(`refuses ${cipher}`, async () => {
      const said = await handshake(mixed.port, '-tls1_2', '-cipher', `${cipher}:@SECLEVEL=0`)
      assert.match(said, /Cipher is \(NONE\)/)
    })
  }

  test('is not negotiated anew on an open connection', async () => {
    const command = ['s_client', '-connect', `127.0.0.1:${mixed.port}`, '-tls1_2']
    const asked = run('openssl', command, { cwd: folder.path, timeout: 60_000 })
    const refused = /no renegotiation|RENEGOTIATING[\s\S]*error/i
    let said = ''
    const hear = (text: string) => {
      said += text
      if (refused.test(said)) asked.child.kill()
    }
    asked.child.stdout?.on('data', hear)
    asked.child.stderr?.on('data', hear)
    asked.child.stdin?.write('R\n')
    await asked.catch(() => undefined)
    assert.match(said, refused)
  })
})

suite('what curl is answered', () => {
  const rows = [
    ['good', 200, 200],
    ['unmapped', 403, 403],
    ['untrusted', 0, 0],
    ['expired', 0, 0],
    ['revoked', 0, 0],
  ] as const
  for (const [name, whereAll, whereSome] of rows) {
    for (const version of ['1.2', '1.3']) {
      test(`with a certificate that is ${name}, over TLS ${version}`, async () => {
        const options = [`--tlsv${version}`, '--tls-max', version, ...withClient(name)]
        assert.equal(await curl(strict.port, '/certified', ...options), whereAll)
        assert.equal(await curl(mixed.port, '/certified', ...options), whereSome)
      })
    }
  }

  test('without a certificate', async () => {
    const key = ['-H', `X-Api-Key: ${apiKey}`]
    assert.equal(await curl(strict.port, '/certified'), 0)
    assert.equal(await curl(mixed.port, '/certified'), 403)
    assert.equal(await curl(mixed.port, '/keyed', ...key), 200)
  })

  test('about health: a handshake, also where it has no certificate to show', async () => {
    const started = await startIngress({ tls: tlsOf(), sources: [certified] })
    assert.equal(await curl(mixed.port, '/healthz', '-G'), 200)
    assert.equal(await curl(started.port, '/healthz', '-G', ...withClient('unmapped')), 200)
    await started.ingress.drain(new AbortController().signal)
    assert.deepEqual(await started.entries(), [])
    await started.stop()
  })
})

import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseConfig } from '../../../../src/app/config/load.ts'
import { certificateReport } from '../../../../src/app/tls/report.ts'
import { seenFile } from '../../../../src/app/tls/seen-file.ts'
import { systemClock } from '../../../../src/core/clock.ts'
import { nodeFiles } from '../../../../src/core/node-files.ts'
import type { SeenClient } from '../../../../src/ingress/clients/seen-clients.ts'
import { testPki } from '../../../support/certificates.ts'
import { openDesk } from '../../../support/shell.ts'

const day = 86_400_000
const pki = testPki('Test authority', { days: 100 })
const tls =
  'tls: { certFile: server.pem, keyFile: server.key, clientCaFile: ca.pem, clientCrlFile: crl.pem }'
const configuration = `
listen: { host: 127.0.0.1, port: 0, ${tls} }
sources: [{ name: trial, path: /events, auth: { clientCertificates: [{ commonName: a }] } }]
journal: { minFree: 0B, ephemeral: true }
`

function seenOf(changes: Partial<SeenClient>): SeenClient {
  const now = systemClock.now()
  const about = { source: 'trial', mapping: 'CN=a', fingerprint256: 'ff' }
  return { ...about, notAfter: now + 10.5 * day, seenAt: now, ...changes }
}

async function deskWithFiles() {
  const desk = await openDesk()
  const { certificate, key } = pki.server
  const files = { 'server.pem': certificate, 'server.key': key, 'ca.pem': pki.ca }
  for (const [name, text] of Object.entries({ ...files, 'crl.pem': pki.crl([], 7) }))
    await desk.write(name, text)
  await desk.write('inlet.yaml', configuration)
  const loaded = parseConfig(configuration, join(desk.folder, 'inlet.yaml'))
  assert.ok(loaded.ok)
  return { desk, config: loaded.file.config }
}

/** A partition is a folder with a segment. */
async function partition(dir: string, name: string): Promise<string> {
  await nodeFiles.makeFolder(join(dir, name))
  await writeFile(join(dir, name, '0000000001-0000000000000000.seg'), '')
  return join(dir, name)
}

async function remember(folder: string, seen: readonly SeenClient[]) {
  const ingress = { clientsSeen: [] as readonly SeenClient[] }
  const file = seenFile({ files: nodeFiles, clock: systemClock, ingress }, folder)
  await file.start(new AbortController().signal)
  ingress.clientsSeen = seen
  await file.drain(new AbortController().signal)
  await file.stop()
}

test('tells how long everything is good that TLS relies on', async () => {
  const { desk, config } = await deskWithFiles()
  const { dir } = config.journal
  const machine = { files: nodeFiles, clock: systemClock }
  await remember(await partition(dir, 'gateway-0'), [seenOf({})])
  await remember(await partition(dir, 'gateway-1'), [seenOf({ mapping: 'CN=b', seenAt: 1 })])
  const { certificates, trouble } = await certificateReport(machine, config)
  assert.equal(trouble, null)
  assert.deepEqual(
    certificates.map(({ role, subject, daysLeft }) => [role, subject, daysLeft]),
    [
      ['server', 'localhost', 99],
      ['client-ca', 'Test authority', 999],
      ['revocations', 'Test authority', 6],
      ['client', 'CN=a of trial', 10],
      ['client', 'CN=b of trial', 10],
    ],
  )
  const listed = await desk.run('certificates', 'list', '--json')
  const told = { certificates: JSON.parse(asJson(certificates)), trouble: null }
  assert.deepEqual(JSON.parse(listed.stdout), told)
  assert.equal(listed.code, 0)
  assert.match((await desk.run('certificates', 'list')).stdout, /server +localhost +99 days left/)
  const status = JSON.parse((await desk.run('status', '--json')).stdout)
  assert.equal(status.certificates.length, 5)
  await desk.dispose()
})

test('an expired list or certificate of ours is a failure', async () => {
  const { desk } = await deskWithFiles()
  await desk.write('crl.pem', pki.crl([], -1))
  const listed = await desk.run('certificates', 'list')
  assert.equal(listed.code, 1)
  assert.match(listed.stdout, /revocations +Test authority +EXPIRED/)
  const checked = await desk.run('check-config')
  assert.equal(checked.code, 2)
  assert.match(checked.stderr, /listen\.tls\.clientCrlFile: .*every client certificate is refused/)
  await desk.dispose()
})

test('a damaged file is told of, beside what the others hold', async () => {
  const { desk, config } = await deskWithFiles()
  const machine = { files: nodeFiles, clock: systemClock }
  const path = join(desk.folder, 'server.pem')
  const torn = '-----BEGIN CERTIFICATE-----\nMIIBtorn\n-----END CERTIFICATE-----\n'
  for (const [text, why] of [
    [torn, /server\.pem cannot be used: error/],
    ['nothing', /server\.pem cannot be used: no certificate in it/],
  ] as const) {
    await writeFile(path, text)
    const { certificates, trouble } = await certificateReport(machine, config)
    assert.match(String(trouble), why)
    assert.deepEqual(
      certificates.map(({ role }) => role),
      ['client-ca', 'revocations'],
    )
    const listed = await desk.run('certificates', 'list')
    assert.equal(listed.code, 1)
    assert.match(listed.stdout, why)
    assert.match(listed.stdout, /client-ca +Test authority/)
    assert.match((await desk.run('status')).stdout, why)
  }
  await desk.dispose()
})

test('what is soon to be renewed is warned of, and does not fail', async () => {
  const { desk } = await deskWithFiles()
  await desk.write('crl.pem', pki.crl([], 0.005))
  const checked = await desk.run('check-config', '--json')
  assert.equal(checked.code, 0)
  const { warnings } = JSON.parse(checked.stdout)
  assert.equal(warnings.length, 1)
  assert.match((await desk.run('check-config')).stdout, /warning: inlet\.yaml:2.*clientCrlFile/)
  await desk.dispose()
})

test('clients that were seen are kept over restarts, a few of each mapping', async () => {
  const { desk, config } = await deskWithFiles()
  const folder = await partition(config.journal.dir, 'gateway-0')
  const machine = { files: nodeFiles, clock: systemClock }
  const now = systemClock.now()
  await remember(folder, [seenOf({ fingerprint256: 'old', seenAt: now - 5 * day })])
  for (let index = 0; index < 6; index++)
    await remember(folder, [seenOf({ fingerprint256: `${index}`, seenAt: now + index })])
  await remember(folder, [seenOf({ mapping: 'CN=gone', notAfter: now - 40 * day })])
  const { certificates } = await certificateReport(machine, config)
  const kept = certificates.flatMap((one) => ('fingerprint256' in one ? one.fingerprint256 : []))
  assert.deepEqual(kept, ['5', '4', '3', '2'])
  await writeFile(join(folder, 'clients.json'), '[{"source":1},')
  assert.equal((await certificateReport(machine, config)).certificates.length, 3)
  await desk.dispose()
})

function asJson(value: unknown): string {
  return JSON.stringify(value)
}

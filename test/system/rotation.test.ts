/**
 * Ten thousand requests over connections that stay open, while everything that proves a sender is
 * exchanged underneath: server certificate, authorities, revocations, secrets.
 */
import assert from 'node:assert/strict'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseConfig } from '../../src/app/config/load.ts'
import { openGateway } from '../../src/app/gateway.ts'
import { realMachine } from '../../src/app/machine.ts'
import { systemClock } from '../../src/core/clock.ts'
import { startAll, stopAll } from '../../src/core/lifecycle.ts'
import { shown, testPki } from '../support/certificates.ts'
import { type HttpsClient, httpsClient } from '../support/https-client.ts'
import { signature } from '../support/ingress.ts'
import { temporaryFolder } from '../support/temporary.ts'

const REQUESTS = 10_000
const SENDERS = 16
const never = new AbortController().signal

const old = testPki('Old authority')
const young = testPki('Young authority')

const configuration = `
listen:
  host: 127.0.0.1
  port: 0
  tls: { certFile: server.pem, keyFile: server.key, clientCaFile: ca.pem, clientCrlFile: crl.pem }
sources:
  - name: signed
    path: /signed
    auth:
      clientCertificates: [{ commonName: genesys }]
      hmac: { header: X-Sign, secrets: [{ file: secret }, { file: secret.old }] }
journal: { minFree: 0B, ephemeral: true }
`

test('no request fails while everything is exchanged, but those of who is out', async () => {
  const { path, dispose } = await temporaryFolder()
  const put = async (name: string, text: string) => {
    await writeFile(join(path, `${name}.new`), text)
    await rename(join(path, `${name}.new`), join(path, name))
  }
  const putAll = async (files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) await put(name, text)
  }
  const out = old.client('genesys')
  const lists = (revoked: readonly (typeof out)[] = []) => old.crl(revoked) + young.crl()
  const serverOf = (pki: typeof old) => ({
    'server.key': pki.server.key,
    'server.pem': pki.server.certificate,
  })
  const secrets = { 'secret.old': 'before', secret: 'first' }
  await putAll({ ...serverOf(old), 'ca.pem': old.ca, 'crl.pem': old.crl(), ...secrets })
  const said: string[] = []
  const { components, ingress } = await openGateway(
    { ...realMachine, observer: (event) => void said.push(event), secretSource },
    configOf(path),
    { worker: 0 },
  )
  await startAll(components, never)
  const { port } = ingress.address
  const ca = [old.ca, young.ca]
  const senders = Array.from({ length: SENDERS }, () =>
    httpsClient(port, { ca, ...shown(old.client('genesys')) }),
  )
  const revoked = httpsClient(port, { ca, ...shown(out) })
  let key = 'first'
  let sent = 0
  const failed: unknown[] = []
  let isRotated = false
  const send = async (client: HttpsClient, by = key) => {
    const body = `{"notificationId":"rotation-${sent++}"}`
    return client.post('/signed', body, { 'X-Sign': signature(body, by) })
  }
  const deliver = async (client: HttpsClient) => {
    while (sent < REQUESTS || !isRotated) {
      const outcome = await send(client).then(
        ({ status }) => status,
        (error: unknown) => error,
      )
      if (outcome !== 200) failed.push(outcome)
    }
  }
  const taken = async (files: Readonly<Record<string, string>>) => {
    const renewals = () => said.filter((event) => event === 'tls_renewed').length
    const before = renewals()
    await putAll(files)
    while (renewals() === before) await systemClock.sleep(50)
  }
  const rotate = async () => {
    assert.equal((await send(revoked)).status, 200)
    await putAll({ 'secret.old': 'first', secret: 'second' })
    await taken({ 'ca.pem': old.ca + young.ca, 'crl.pem': lists() })
    await taken(serverOf(young))
    await taken({ 'crl.pem': lists([out]) })
    await assert.rejects(send(revoked))
    const [first] = senders
    while (first !== undefined && (await send(first, 'second')).status !== 200)
      await systemClock.sleep(100)
    key = 'second'
    await taken(serverOf(old))
  }
  const rotated = rotate().finally(() => {
    isRotated = true
  })
  const settled = await Promise.allSettled([rotated, ...senders.map(deliver)])
  for (const client of [...senders, revoked]) client.close()
  await stopAll(components, never)
  await dispose()
  assert.deepEqual(
    settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : [])),
    [],
  )
  assert.deepEqual(failed, [])
  assert.ok(sent >= REQUESTS)
})

const secretSource = {
  environment: () => undefined,
  file: async (name: string) => (await realMachine.files.readAll(name)).toString(),
  aws: {
    secret: () => Promise.reject(new Error('there is none')),
    parameter: () => Promise.reject(new Error('there is none')),
  },
}

function configOf(path: string) {
  const loaded = parseConfig(configuration, join(path, 'inlet.yaml'))
  assert.ok(loaded.ok)
  return loaded.file.config
}

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
import type { IssuedCertificate } from '../../src/core/certificate.ts'
import { systemClock } from '../../src/core/clock.ts'
import { startAll, stopAll } from '../../src/core/lifecycle.ts'
import type { EventName } from '../../src/observe/events.ts'
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
  const scene = await openScene()
  const out = old.client('genesys')
  const senders = Array.from({ length: SENDERS }, () => scene.client(old.client('genesys')))
  const revoked = scene.client(out)
  let key = 'first'
  let sent = 0
  let isRotated = false
  const failed: unknown[] = []
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
  const rotate = async () => {
    assert.equal((await send(revoked)).status, 200)
    await scene.put({ 'secret.old': 'first', secret: 'second' })
    await scene.renew({ 'ca.pem': old.ca + young.ca, 'crl.pem': old.crl() + young.crl() })
    await scene.renew(serverOf(young))
    await scene.renew({ 'crl.pem': old.crl([out]) + young.crl() })
    await assert.rejects(send(revoked))
    const [first] = senders
    while (first !== undefined && (await send(first, 'second')).status !== 200)
      await systemClock.sleep(100)
    key = 'second'
    await scene.renew(serverOf(old))
  }
  const rotated = rotate().finally(() => {
    isRotated = true
  })
  const settled = await Promise.allSettled([rotated, ...senders.map(deliver)])
  for (const client of [...senders, revoked]) client.close()
  await scene.close()
  const thrown = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  assert.deepEqual([thrown, failed], [[], []])
  assert.ok(sent >= REQUESTS)
})

function serverOf({ server }: typeof old) {
  return { 'server.key': server.key, 'server.pem': server.certificate }
}

type Texts = Readonly<Record<string, string>>

/** A gateway over files that are replaced by renaming. */
async function openScene() {
  const { path, dispose } = await temporaryFolder()
  const put = async (texts: Texts) => {
    for (const [name, text] of Object.entries(texts)) {
      await writeFile(join(path, `${name}.new`), text)
      await rename(join(path, `${name}.new`), join(path, name))
    }
  }
  await put({ ...serverOf(old), 'ca.pem': old.ca, 'crl.pem': old.crl() })
  await put({ 'secret.old': 'before', secret: 'first' })
  let renewals = 0
  const observer = (event: EventName) => {
    if (event === 'tls_renewed') renewals++
  }
  const deps = { ...realMachine, observer, secretSource }
  const { components, ingress } = await openGateway(deps, configOf(path), {
    worker: 0,
    stop: new AbortController().signal,
  })
  await startAll(components, never)
  return {
    put,
    client: (issued: IssuedCertificate) =>
      httpsClient(ingress.address.port, { ca: [old.ca, young.ca], ...shown(issued) }),
    /** Resolves once the files are in use. */
    async renew(texts: Texts) {
      const before = renewals
      await put(texts)
      while (renewals === before) await systemClock.sleep(50)
    },
    async close() {
      await stopAll(components, never)
      await dispose()
    },
  }
}

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

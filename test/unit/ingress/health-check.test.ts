import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { test } from 'node:test'
import { createServer as createTlsServer } from 'node:tls'
import { HealthCheck } from '../../../src/ingress/health-check.ts'
import { testPki } from '../../support/certificates.ts'
import { movableClock } from '../../support/clock.ts'

const { server } = testPki()

async function listening(started: Server): Promise<number> {
  started.listen(0, '127.0.0.1')
  await once(started, 'listening')
  const address = started.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

test('one handshake a second answers all who ask', async (t) => {
  let handshakes = 0
  const started = createTlsServer({ cert: server.certificate, key: server.key })
  started.on('connection', () => handshakes++)
  started.on('tlsClientError', () => undefined)
  t.after(() => started.close())
  const port = await listening(started)
  const clock = movableClock()
  const check = new HealthCheck(clock, () => ({ host: '0.0.0.0', port }))
  const asked = await Promise.all(Array.from({ length: 100 }, () => check.isWell()))
  assert.ok(asked.every(Boolean))
  clock.advance(999)
  assert.equal(await check.isWell(), true)
  assert.equal(handshakes, 1)
  clock.advance(1)
  assert.equal(await check.isWell(), true)
  assert.equal(handshakes, 2)
})

test('a port that is closed, or speaks no TLS, is not well', async () => {
  const mute = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.resume()
    socket.end('no')
  })
  const port = await listening(mute)
  const clock = movableClock()
  const check = new HealthCheck(clock, () => ({ host: '127.0.0.1', port }))
  assert.equal(await check.isWell(), false)
  mute.close()
  await once(mute, 'close')
  clock.advance(1000)
  assert.equal(await check.isWell(), false)
})

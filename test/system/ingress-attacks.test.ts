/** Senders that know HTTP and mean harm, or break off where nobody expects it, at a whole door. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { suite, test } from 'node:test'
import { connect, type TLSSocket } from 'node:tls'
import { systemClock } from '../../src/core/clock.ts'
import { testPki } from '../support/certificates.ts'
import {
  hmacSource,
  overWriter,
  signature,
  type TestIngress,
  type TestIngressChange,
  withIngress,
  withLooks,
} from '../support/ingress.ts'
import { openRaw, post } from '../support/raw-request.ts'
import { toldMetrics } from '../support/told-metrics.ts'

const event = (id: string) => JSON.stringify({ notificationId: id, data: {} })
const signed = (body: string, ...more: string[]) =>
  post('/signed', body, [`X-Genesys-Signature: ${signature(body)}`, ...more])
const health = 'GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n'

const pki = testPki()
const tls = { cert: pki.server.certificate, key: pki.server.key, minVersion: 'TLSv1.2' } as const

const met = ({ ingress }: TestIngress, reason: string) =>
  toldMetrics(ingress)[`inlet_refused_requests_total source=- reason=${reason}`] ?? 0

const open = ({ ingress }: TestIngress) => toldMetrics(ingress)['inlet_connections'] ?? 0

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await systemClock.sleep(5)
}

/** A journal that makes nothing durable until it is told to. */
function held() {
  const told = Promise.withResolvers<void>()
  const wrap: TestIngressChange['wrap'] = (writer) =>
    overWriter(writer, { append: (entries) => told.promise.then(() => writer.append(entries)) })
  return { wrap, release: () => told.resolve() }
}

async function shake(port: number): Promise<TLSSocket> {
  const place = { port, host: '127.0.0.1', servername: 'localhost' }
  const options = { ...place, ca: pki.ca, allowHalfOpen: true }
  const socket = connect(options)
  await once(socket, 'secureConnect')
  return socket.setEncoding('latin1')
}

async function textOf(socket: TLSSocket): Promise<string> {
  let text = ''
  socket.on('data', (piece: string) => {
    text += piece
  })
  socket.on('error', () => undefined)
  socket.once('end', () => socket.destroy())
  await new Promise((resolve) => socket.once('close', resolve))
  return text
}

suite('a sender that closes its half', () => {
  test('of a plain connection is answered all that it asked for', async () => {
    const journal = held()
    await withIngress({ wrap: journal.wrap }, async (started) => {
      const connection = await openRaw(started.port)
      connection.socket.end(signed(event('1')) + signed(event('2')))
      await until(() => toldMetrics(started.ingress)['inlet_in_flight_bytes'] !== 0)
      journal.release()
      assert.equal((await connection.closed).match(/"stored"/g)?.length, 2)
      assert.equal(met(started, 'malformed'), 0)
    })
  })

  test('of TLS too', async () => {
    const journal = held()
    await withIngress({ wrap: journal.wrap, tls }, async (started) => {
      const socket = await shake(started.port)
      socket.end(signed(event('1')))
      const text = textOf(socket)
      await until(() => toldMetrics(started.ingress)['inlet_in_flight_bytes'] !== 0)
      journal.release()
      assert.match(await text, /"stored"/)
    })
  })

  test('in the middle of a body leaves nothing behind', async () => {
    for (const secured of [null, tls]) {
      await withIngress({ tls: secured }, async (started) => {
        const whole = signed(event('1'))
        const { port } = started
        const socket = secured === null ? (await openRaw(port)).socket : await shake(port)
        socket.on('error', () => undefined)
        socket.end(whole.slice(0, -1))
        await until(() => met(started, 'malformed') === 1 && open(started) === 0)
        assert.deepEqual(await started.kept(), [])
        assert.equal(toldMetrics(started.ingress)['inlet_unproven_bytes'], 0)
      })
    }
  })
})

test('who breaks a connection off, wherever that is, takes nothing with it', async () => {
  await withIngress({}, async (started) => {
    const bytes = signed(event('broken')) + signed(event('off'))
    for (let end = 1; end < bytes.length; end += 7) {
      const connection = await openRaw(started.port)
      connection.write(bytes.slice(0, end))
      if (end % 2 === 0) await systemClock.sleep(1)
      connection.socket.resetAndDestroy()
    }
    await until(() => open(started) === 0)
    assert.equal(toldMetrics(started.ingress)['inlet_unproven_bytes'], 0)
    assert.equal(toldMetrics(started.ingress)['inlet_in_flight_bytes'], 0)
    const after = await openRaw(started.port)
    after.write(signed(event('after')))
    await after.received(/stored/)
  })
})

test('a head that comes byte by byte is one head', async () => {
  await withIngress({}, async ({ port }) => {
    const connection = await openRaw(port)
    const filler = `X-Long: ${'x'.repeat(600)}`
    for (const byte of Buffer.from(signed(event('1'), filler))) {
      connection.write(Buffer.of(byte))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await connection.received(/stored/)
  })
})

test('who asks after health without end and waits for no answer is cut off', async () => {
  await withIngress({ tls, limits: { pipelined: 10 } }, async (started) => {
    const socket = await shake(started.port)
    const text = textOf(socket)
    socket.write(health.repeat(11))
    assert.equal(await text, '')
    assert.equal(met(started, 'pipelined'), 1)
  })
})

test('who takes no answers is read no further, and closed', async () => {
  const { change, look } = withLooks()
  await withIngress(change, async (started) => {
    const deaf = await openRaw(started.port)
    deaf.socket.pause()
    deaf.write(health.repeat(200_000))
    while (open(started) > 0) {
      look()
      await systemClock.sleep(100)
    }
    const other = await openRaw(started.port)
    other.write(health)
    await other.received(/200 OK/)
  })
})

test('chunks of a byte each are a body like any other', async () => {
  await withIngress({}, async ({ port, kept }) => {
    const body = JSON.stringify({ notificationId: '1', text: 'x'.repeat(60_000) })
    const connection = await openRaw(port)
    connection.write(`POST /signed HTTP/1.1\r\nX-Genesys-Signature: ${signature(body)}\r\n`)
    connection.write('Transfer-Encoding: chunked\r\n\r\n')
    connection.write([...body].map((letter) => `1\r\n${letter}\r\n`).join(''))
    connection.write('0\r\n\r\n')
    await connection.received(/stored/)
    connection.write('POST /signed HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n')
    connection.write('1\r\nx\r\n'.repeat(hmacSource.bodyLimit + 1))
    await connection.received(/HTTP\/1\.1 413/)
    assert.equal((await kept()).length, 1)
  })
})

test('extensions of chunks that each are short have an end together', async () => {
  await withIngress({}, async (started) => {
    const connection = await openRaw(started.port)
    connection.write('POST /signed HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n')
    connection.write(`1;${'x'.repeat(1000)}\r\nx\r\n`.repeat(20))
    assert.equal(await connection.closed, '')
    assert.equal(met(started, 'malformed'), 1)
  })
})

test('what is no TLS behind a handshake closes the connection', async () => {
  await withIngress({ tls }, async (started) => {
    const socket = await shake(started.port)
    const text = textOf(socket)
    socket.write('\x16\x03\x01NONSENSE\r\n\r\n')
    assert.equal(await text, '')
    assert.equal(met(started, 'malformed'), 1)
  })
})

/** Those who hold on to what they are given: each limit, met over raw connections. */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { systemClock } from '../../src/core/clock.ts'
import { testPki } from '../support/certificates.ts'
import {
  apiKey,
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
const signed = (id: string) => {
  const body = event(id)
  return post('/signed', body, [`X-Genesys-Signature: ${signature(body)}`])
}

/** How often a limit was met, as the metrics have it. */
const met = ({ ingress }: TestIngress, reason: string) =>
  toldMetrics(ingress)[`inlet_refused_requests_total source=- reason=${reason}`] ?? 0

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await systemClock.sleep(5)
}

test('a body that trickles in is cut off, one that is only late is not', async () => {
  const limits = { bodyGraceMs: 300, bodyBytesPerSecond: 100 }
  await withIngress({ limits }, async (started) => {
    const slow = await openRaw(started.port)
    slow.write('POST /signed HTTP/1.1\r\nHost: h\r\nContent-Length: 5000\r\n\r\n')
    let over = false
    void slow.closed.then(() => {
      over = true
    })
    // What comes of it at first may take minutes at the least rate.
    const bytes = signed('x'.repeat(50_000))
    const late = await openRaw(started.port)
    late.write(bytes.slice(0, -5))
    while (!over) {
      slow.write('x')
      await systemClock.sleep(20)
    }
    assert.equal(await slow.closed, '')
    late.write(bytes.slice(-5))
    await late.received(/stored/)
    assert.equal(met(started, 'slow'), 1)
    late.write(signed('again'))
    await late.received(/stored.*stored/s)
  })
})

test('who sends on and on without waiting for answers is cut off', async () => {
  const held = Promise.withResolvers<void>()
  const wrap: TestIngressChange['wrap'] = (writer) =>
    overWriter(writer, { append: (entries) => held.promise.then(() => writer.append(entries)) })
  await withIngress({ wrap, limits: { pipelined: 10 } }, async (started) => {
    const patient = await openRaw(started.port)
    patient.write(Array.from({ length: 10 }, (_, n) => signed(`p${n}`)).join(''))
    const flood = await openRaw(started.port)
    flood.write(Array.from({ length: 50 }, (_, n) => signed(`f${n}`)).join(''))
    assert.equal(await flood.closed, '')
    assert.equal(met(started, 'pipelined'), 1)
    held.resolve()
    await patient.received(/(stored.*){10}/s)
  })
})

test('strangers without end keep no proven sender out', async () => {
  await withIngress({ limits: { connections: 8 } }, async (started) => {
    const proven = await openRaw(started.port)
    proven.write(signed('1'))
    await proven.received(/stored/)
    const strangers = []
    for (let n = 0; n < 30; n++) strangers.push(await openRaw(started.port))
    const closed = Promise.all(strangers.slice(0, 20).map((one) => one.closed))
    assert.deepEqual(new Set(await closed), new Set(['']))
    await until(() => met(started, 'connections') === 23)
    assert.equal(toldMetrics(started.ingress)['inlet_connections'], 8)
    const another = await openRaw(started.port)
    another.write(signed('2'))
    await another.received(/stored/)
    proven.write(signed('3'))
    await proven.received(/stored.*stored/s)
  })
})

test('where everybody has proven who it is, who comes is closed', async () => {
  await withIngress({ limits: { connections: 2 } }, async (started) => {
    const proven = [await openRaw(started.port), await openRaw(started.port)]
    for (const [index, one] of proven.entries()) {
      one.write(signed(String(index)))
      await one.received(/stored/)
    }
    const third = await openRaw(started.port)
    assert.equal(await third.closed, '')
    assert.equal(met(started, 'connections'), 1)
    proven[0]?.write(signed('again'))
    await proven[0]?.received(/stored.*stored/s)
  })
})

test('one address has a part of all connections, and what it closes is free again', async () => {
  await withIngress({ limits: { connectionsPerAddress: 2 } }, async (started) => {
    const [first] = [await openRaw(started.port), await openRaw(started.port)]
    assert.equal(await (await openRaw(started.port)).closed, '')
    assert.equal(met(started, 'address'), 1)
    const other = connect({ port: started.port, host: '127.0.0.1', localAddress: '127.0.0.2' })
    const answered = new Promise((resolve) => other.once('data', resolve))
    other.write('GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n')
    assert.match(String(await answered), /200 OK/)
    other.destroy()
    first?.socket.destroy()
    await until(() => toldMetrics(started.ingress)['inlet_connections'] === 1)
    const again = await openRaw(started.port)
    again.write(signed('1'))
    await again.received(/stored/)
  })
})

test('a connection whose other end is gone is let go', async () => {
  const looks = withLooks()
  await withIngress(looks.change, async (started) => {
    const gone = await openRaw(started.port)
    gone.write(signed('1'))
    await gone.received(/stored/)
    gone.socket.pause()
    looks.look()
    assert.equal(toldMetrics(started.ingress)['inlet_connections'], 1)
    looks.look()
    await until(() => toldMetrics(started.ingress)['inlet_connections'] === 0)
  })
})

test('more headers than anybody needs close the connection', async () => {
  await withIngress({}, async (started) => {
    const headers = (count: number) => Array.from({ length: count }, (_, n) => `X-${n}: 1`)
    const proof = `X-Api-Key: ${apiKey}`
    const some = await openRaw(started.port)
    some.write(post('/keyed', event('1'), [...headers(90), proof]))
    await some.received(/stored/)
    const many = await openRaw(started.port)
    many.write(post('/keyed', event('2'), [...headers(500), proof]))
    assert.equal(await many.closed, '')
    assert.equal(met(started, 'malformed'), 1)
  })
})

test('what a client sent that is gone before the answer is kept once', async () => {
  const held = Promise.withResolvers<void>()
  const wrap: TestIngressChange['wrap'] = (writer) =>
    overWriter(writer, { append: (entries) => held.promise.then(() => writer.append(entries)) })
  await withIngress({ wrap }, async (started) => {
    const gone = await openRaw(started.port)
    gone.write(signed('1'))
    await until(() => toldMetrics(started.ingress)['inlet_in_flight_bytes'] !== 0)
    gone.socket.resetAndDestroy()
    await until(() => toldMetrics(started.ingress)['inlet_connections'] === 0)
    held.resolve()
    const again = await openRaw(started.port)
    again.write(signed('1'))
    await again.received(/duplicate|stored/)
    const ids = (await started.kept()).map((entry) => entry.kind)
    assert.equal(ids.filter((kind) => kind === 'event').length, 1)
  })
})

test('a handshake that does not come, or is none, closes the connection', async () => {
  const { server } = testPki()
  const tls = { cert: server.certificate, key: server.key, minVersion: 'TLSv1.2' } as const
  await withIngress({ tls, limits: { headersMs: 100 } }, async (started) => {
    const silent = await openRaw(started.port)
    assert.equal(await silent.closed, '')
    assert.equal(met(started, 'timeout'), 1)
    const plain = await openRaw(started.port)
    plain.write(signed('1'))
    await plain.closed
    assert.equal(met(started, 'malformed'), 1)
  })
})

test('a handshake that a client leaves is counted at once, a mere connection is not', async () => {
  const { server } = testPki()
  const tls = { cert: server.certificate, key: server.key, minVersion: 'TLSv1.2' } as const
  await withIngress({ tls, limits: { headersMs: 3_600_000 } }, async (started) => {
    const connections = () => toldMetrics(started.ingress)['inlet_connections']
    const mere = await openRaw(started.port)
    mere.socket.end()
    await mere.closed
    await until(() => connections() === 0)
    assert.equal(met(started, 'aborted'), 0)
    const left = await openRaw(started.port)
    left.socket.end(Buffer.from('1603010100', 'hex'))
    await left.closed
    await until(() => met(started, 'aborted') === 1)
    const reset = await openRaw(started.port)
    reset.write('\x16\x03\x01')
    await until(() => connections() === 1)
    reset.socket.resetAndDestroy()
    await until(() => connections() === 0)
    assert.equal(met(started, 'malformed') + met(started, 'timeout'), 0)
  })
})

/** What senders may try without a proof, and what a proven one may send by mistake. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { systemClock } from '../../src/core/clock.ts'
import { apiKey, hmacSource, signature, withIngress } from '../support/ingress.ts'
import { openRaw, post } from '../support/raw-request.ts'
import { toldMetrics } from '../support/told-metrics.ts'

const signed = (body: string) => post('/signed', body, [`X-Genesys-Signature: ${signature(body)}`])
const event = '{"notificationId":"1","data":{}}'
const chunked = ['POST /signed HTTP/1.1', 'Host: h', 'Transfer-Encoding: chunked', '', ''].join(
  '\r\n',
)
const limit = hmacSource.bodyLimit

test('a body that does not come closes the connection, without a 408', async () => {
  const limits = { headersMs: 200, requestMs: 200 }
  await withIngress({ limits }, async ({ port, ingress, entries }) => {
    const slow = [await openRaw(port), await openRaw(port), await openRaw(port)]
    slow[0]?.write('POST /signed HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n{"a"')
    slow[1]?.write('POST /signed HTT')
    const texts = await Promise.all(slow.map(({ closed }) => closed))
    assert.deepEqual(texts, ['', '', ''])
    await ingress.drain(new AbortController().signal)
    assert.match(JSON.stringify(await entries()), /timeout\\":3/)
  })
})

test('a body over the limit is 413: announced, in chunks, or on its way', async () => {
  await withIngress({}, async ({ port, kept }) => {
    const announced = await openRaw(port)
    announced.write(`POST /signed HTTP/1.1\r\nHost: h\r\nContent-Length: ${2 ** 40}\r\n\r\n`)
    assert.match(await announced.received(/\r\n\r\n.+/), /^HTTP\/1.1 413 .*INL_ING_BODY_SIZE/s)
    announced.socket.end()
    assert.match(await announced.closed, /Connection: close/i)

    const inChunks = await openRaw(port)
    inChunks.write(chunked)
    const piece = `${(16_384).toString(16)}\r\n${'x'.repeat(16_384)}\r\n`
    for (let sent = 0; sent <= limit; sent += 16_384) inChunks.write(piece)
    assert.match(await inChunks.received(/\r\n\r\n.+/), /^HTTP\/1.1 413 /)
    inChunks.write('0\r\n\r\n')
    await inChunks.closed

    const small = await openRaw(port)
    small.write(post('/signed', 'x'.repeat(limit + 1)))
    assert.match(await small.received(/}$/), /^HTTP\/1.1 413 /)
    small.write(signed(event))
    assert.match(await small.received(/stored/), /HTTP\/1.1 200 OK/)
    assert.equal((await kept()).length, 1)
  })
})

test('who goes on sending after a refusal is cut off', async () => {
  await withIngress({}, async ({ port }) => {
    const endless = await openRaw(port)
    endless.write(chunked)
    const piece = `10000\r\n${'x'.repeat(2 ** 16)}\r\n`
    let isOver = false
    void endless.closed.then(() => {
      isOver = true
    })
    for (let sent = 0; sent < 4000 && !isOver; sent++) {
      endless.write(piece)
      await systemClock.sleep(0)
    }
    assert.match(await endless.closed, /^HTTP\/1.1 413 /)
  })
})

test('a body of the limit in a thousand pieces passes', async () => {
  await withIngress({}, async ({ port }) => {
    const body = JSON.stringify({ notificationId: '1', data: {}, text: 'x'.repeat(60_000) })
    const connection = await openRaw(port)
    const head = `POST /signed HTTP/1.1\r\nHost: h\r\nX-Genesys-Signature: ${signature(body)}\r\n`
    connection.write(`${head}Transfer-Encoding: chunked\r\n\r\n`)
    for (let at = 0; at < body.length; at += 61) {
      const piece = body.slice(at, at + 61)
      connection.write(`${piece.length.toString(16)}\r\n${piece}\r\n`)
    }
    connection.write('0\r\n\r\n')
    assert.match(await connection.received(/}$/), /"stored"/)
  })
})

test('what is not proven fills the pool and nothing else', async () => {
  const limits = { unprovenBytes: 40_000 }
  await withIngress({ limits }, async ({ ingress, port, url }) => {
    const holding = await openRaw(port)
    holding.write(`POST /signed HTTP/1.1\r\nHost: h\r\nContent-Length: 60000\r\n\r\n`)
    holding.write('x'.repeat(30_000))
    const held = () => toldMetrics(ingress)['inlet_unproven_bytes'] ?? 0
    while (held() < 30_000) await systemClock.sleep(5)
    const refused = await openRaw(port)
    const big = JSON.stringify({ notificationId: '2', text: 'x'.repeat(30_000) })
    const [head = '', body = ''] = signed(big).split('\r\n\r\n')
    refused.write(`${head}\r\n\r\n${body.slice(0, 20_000)}`)
    // Whatever is whole in one read needs no room.
    assert.match(
      await refused.received(/}$/),
      /^HTTP\/1.1 503 .*Retry-After: \d.*INL_ING_UNPROVEN/is,
    )
    const small = {
      method: 'POST',
      body: event,
      headers: { 'X-Genesys-Signature': signature(event) },
    }
    assert.equal((await fetch(`${url}/signed`, small)).status, 200)
    const keyed = { method: 'POST', body: big, headers: { 'X-Api-Key': apiKey } }
    assert.equal((await fetch(`${url}/keyed`, keyed)).status, 200)
    holding.socket.destroy()
  })
})

test('a gzip bomb is 413, of a proven sender too', async () => {
  await withIngress({}, async ({ url, kept }) => {
    const bomb = gzipSync(Buffer.alloc(30 * 2 ** 20, ' '))
    const headers = { 'X-Genesys-Signature': signature(bomb), 'Content-Encoding': 'gzip' }
    const response = await fetch(`${url}/signed`, { method: 'POST', body: bomb, headers })
    assert.equal(response.status, 413)
    assert.deepEqual(await kept(), [])
  })
})

test('hostile bodies of a proven sender are kept, never an error', async () => {
  await withIngress({}, async ({ url, kept }) => {
    const bodies = [
      Buffer.from('['.repeat(30_000)),
      Buffer.from(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`),
      Buffer.from([0xff, 0xfe, 0x00]),
      Buffer.from('{"notificationId":"\\ud800","data":{}}'),
      Buffer.from('{"__proto__":{"notificationId":"1"},"constructor":1}'),
      Buffer.from('null'),
      Buffer.from('{"a":1e999999,"a":2}'),
      Buffer.from(`{"notificationId":"${'x'.repeat(50_000)}"}`),
      Buffer.from('\0'.repeat(1000)),
      Buffer.alloc(0),
    ]
    for (const body of bodies) {
      const headers = { 'X-Genesys-Signature': signature(body) }
      const response = await fetch(`${url}/signed`, { method: 'POST', body, headers })
      assert.ok(response.ok, body.toString('latin1').slice(0, 40))
    }
    assert.equal((await kept()).length, bodies.length)
  })
})

test('malformed HTTP closes the connection and is counted', async () => {
  await withIngress({ limits: { headerBytes: 2048 } }, async ({ port, ingress, entries }) => {
    const malformed = [
      'NONSENSE\r\n\r\n',
      'POST /signed HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      'POST /signed HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      `POST /signed HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(4000)}\r\n\r\n`,
      `${chunked}zz\r\n`,
    ]
    for (const bytes of malformed) {
      const connection = await openRaw(port)
      connection.write(bytes)
      assert.equal(await connection.closed, '', bytes.slice(0, 80))
    }
    await ingress.drain(new AbortController().signal)
    assert.match(JSON.stringify(await entries()), /malformed\\":5/)
  })
})

test('garbage after a request leaves the answer to the request alone', async () => {
  await withIngress({}, async ({ port, kept }) => {
    const connection = await openRaw(port)
    connection.write(signed(event))
    await connection.received(/stored/)
    connection.write('NONSENSE\r\n\r\n')
    assert.equal((await connection.closed).match(/HTTP\/1.1/g)?.length, 1)
    assert.equal((await kept()).length, 1)
  })
})

test('no Host, an odd expectation, a body that waits to be asked for', async () => {
  await withIngress({}, async ({ port }) => {
    const expecting = signed(event).replace('Host: h', 'Host: h\r\nExpect: 100-continue')
    const [head = '', body = ''] = expecting.split('\r\n\r\n')
    const patient = await openRaw(port)
    patient.write(`${head}\r\n\r\n`)
    await patient.received(/^HTTP\/1.1 100 Continue\r\n\r\n$/)
    patient.write(body)
    await patient.received(/stored/)
    const refused = await openRaw(port)
    refused.write(`${head.replace('/signed', '/nowhere')}\r\n\r\n`)
    assert.match(await refused.closed, /^HTTP\/1.1 404 /)
    const odd = await openRaw(port)
    odd.write(signed(event).replace('Host: h', 'Expect: something'))
    await odd.received(/duplicate/)
  })
})

test('a refusal leaves the connection open where little or nothing is to come', async () => {
  await withIngress({}, async ({ port }) => {
    const connection = await openRaw(port)
    const refused = [
      'GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n',
      'GET /signed HTTP/1.1\r\nHost: h\r\n\r\n',
      post('/nowhere', event),
      post('/signed', event),
      post('/keyed', 'x'.repeat(50_000)),
    ]
    for (const [index, bytes] of refused.entries()) {
      connection.write(bytes)
      await connection.received(new RegExp(`(HTTP/1.1 40[145].*}){${index + 1}}$`, 's'))
    }
    connection.write(signed(event) + signed(event))
    await connection.received(/stored.*stored|stored.*duplicate/s)
  })
})

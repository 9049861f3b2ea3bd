/**
 * Requests that two parsers may read in two ways: whatever stands before Inlet, it must not take a
 * second request out of the body of the first. What is not plain is refused with its connection.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signature, startIngress } from '../support/ingress.ts'
import { openRaw } from '../support/raw-request.ts'

const event = '{"notificationId":"1","data":{}}'
const proof = `X-Genesys-Signature: ${signature(event)}`
const hidden = `POST /signed HTTP/1.1\r\nHost: h\r\n${proof}\r\nContent-Length: 32\r\n\r\n${event}`
const length = Buffer.byteLength(event)

const head = (...lines: string[]) =>
  ['POST /signed HTTP/1.1', 'Host: h', proof, ...lines, '', ''].join('\r\n')
const inChunk = (size: string) => `${size}\r\n${event}\r\n0\r\n\r\n`

const both = ['Content-Length: 5', 'Transfer-Encoding: chunked'] as const
const chunked = head('Transfer-Encoding: chunked')
const notLast = head('Transfer-Encoding: chunked, identity')
const lookalike = head('Transfer-Encoding: xchunked')
const withLength = `Content-Length: ${length}`

const malformed: Readonly<Record<string, string>> = {
  'a length beside chunks': `${head(...both)}0\r\n\r\n${hidden}`,
  'chunks beside a length': `${head(...both.toReversed())}0\r\n\r\n${hidden}`,
  'two lengths': `${head(withLength, 'Content-Length: 0')}${event}${hidden}`,
  'two lengths in one': `${head(`Content-Length: ${length}, 0`)}${event}`,
  'a length with a sign': `${head(`Content-Length: +${length}`)}${event}`,
  'a length that is none': `${head('Content-Length: 0x20')}${event}`,
  'a coding that is not chunked last': `${notLast}${inChunk('20')}`,
  'a coding that only looks like chunked': `${lookalike}${inChunk('20')}`,
  'a header that goes on in the next line': `${head('X-One: a', ' b', withLength)}${event}`,
  'a space before a colon': `${head(`Content-Length : ${length}`)}${event}`,
  'a bare line feed in a value': `${head(`X-One: a\nContent-Length: ${length}`)}${event}`,
  'a bare carriage return in a value': `${head(`X-One: a\rContent-Length: ${length}`)}${event}`,
  'a null byte in a value': `${head('X-One: a\0b', withLength)}${event}`,
  'a chunk size with more behind it': `${chunked}${inChunk('20 x')}`,
  'a chunk size too large to hold': `${chunked}${inChunk('fffffffffffffffff')}`,
  'a chunk that ends in a bare line feed': `${chunked}20\n${event}\n0\n\n`,
  'chunk extensions without end': `${chunked}20;${'x'.repeat(20_000)}`,
}

for (const [name, bytes] of Object.entries(malformed)) {
  test(`${name}: closed without an answer, counted, and nothing is taken`, async () => {
    const { port, ingress, entries, kept, stop } = await startIngress()
    try {
      const connection = await openRaw(port)
      connection.write(bytes)
      assert.equal(await connection.closed, '')
      assert.deepEqual(await kept(), [])
      await ingress.drain(new AbortController().signal)
      assert.match(JSON.stringify(await entries()), /malformed\\":1/)
    } finally {
      await stop()
    }
  })
}

test('chunk extensions and trailers say nothing, and are no second request', async () => {
  const { port, kept, stop } = await startIngress()
  try {
    const connection = await openRaw(port)
    connection.write(
      `${chunked}20;name="value"\r\n${event}\r\n0\r\nX-Genesys-Signature: no\r\n\r\n`,
    )
    const answer = await connection.received(/stored/)
    assert.equal(answer.match(/HTTP\/1\.1/g)?.length, 1)
    assert.equal((await kept()).length, 1)
  } finally {
    await stop()
  }
})

/**
 * What is read does not depend on how bytes are cut, nor on who reads them: whatever this parser
 * takes, the one that half of the world's senders and proxies were tried against takes as the same.
 */
import assert from 'node:assert/strict'
import { createServer, IncomingMessage } from 'node:http'
import { duplexPair } from 'node:stream'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { bytesOf, damaged, type Message, messages } from './messages.ts'
import { type Heard, limits, send, settled, startSpeaking } from './speaking.ts'

const several = fc.array(messages, { minLength: 1, maxLength: 4 })

/** Of the requests, those up to the one that closes the connection. */
function untilClosed(sent: readonly Message[]): readonly Message[] {
  const last = sent.findIndex(({ lines }) => /^connection:.*\bclose\b/im.test(lines.join('\n')))
  return last === -1 ? sent : sent.slice(0, last + 1)
}

async function hear(pieces: readonly Uint8Array[]) {
  const speaking = startSpeaking()
  await send(speaking, pieces)
  const { heard, closed, answers } = speaking
  const result = { heard: heard.map(plain), closed: [...closed], answers: answers() }
  speaking.sender.destroy()
  return result
}

type HeardOf = Awaited<ReturnType<typeof hear>>

/** A connection that is closed takes with it the answers that it holds back in the same moment. */
function assertSame(cut: HeardOf, whole: HeardOf): void {
  const { heard, closed } = whole
  const answers = closed.length === 0 ? cut.answers : cut.answers.slice(0, whole.answers.length)
  assert.equal(answers, whole.answers)
  assert.deepEqual([cut.heard, cut.closed], [heard, closed])
}

function cutsOf(text: string, cuts: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text, 'latin1')
  const places = [...new Set(cuts.map((cut) => Math.floor(cut * bytes.length)))]
  const ends = [...places.sort((a, b) => a - b), bytes.length]
  return ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end))
}

const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 })

suite('requests on one connection', () => {
  test('are all taken as they were meant', async () => {
    await fc.assert(
      fc.asyncProperty(several, async (sent) => {
        const text = sent.map(bytesOf).join('')
        const { heard, closed } = await hear([Buffer.from(text, 'latin1')])
        assert.deepEqual(closed, [])
        assert.deepEqual(
          heard.map(({ method, target, body }) => ({ method, target, body })),
          untilClosed(sent).map(({ method, target, body }) => ({ method, target, body })),
        )
      }),
    )
  })

  test('are the same however their bytes are cut', async () => {
    const texts = fc.oneof(
      several.map((sent) => sent.map(bytesOf).join('')),
      damaged,
    )
    await fc.assert(
      fc.asyncProperty(texts, cuts, async (text, places) => {
        const whole = await hear([Buffer.from(text, 'latin1')])
        assertSame(await hear(cutsOf(text, places)), whole)
      }),
      { numRuns: 300 },
    )
  })

  test('are the same cut at every byte', async () => {
    await fc.assert(
      fc.asyncProperty(damaged, async (text) => {
        const whole = await hear([Buffer.from(text, 'latin1')])
        const single = await hear([...Buffer.from(text, 'latin1')].map((byte) => Buffer.of(byte)))
        assertSame(single, whole)
      }),
      { numRuns: 30 },
    )
  })
})

suite('beside the parser of node:http', () => {
  test('valid requests are the same', async () => {
    await fc.assert(
      fc.asyncProperty(several, async (sent) => {
        const bytes = Buffer.from(sent.map(bytesOf).join(''), 'latin1')
        assert.deepEqual((await hear([bytes])).heard, await hearByNode(bytes))
      }),
      { numRuns: 300 },
    )
  })

  test('what is damaged is taken only where it is taken there, and as the same', async () => {
    let taken = 0
    await fc.assert(
      fc.asyncProperty(damaged, async (text) => {
        const bytes = Buffer.from(text, 'latin1')
        const { heard } = await hear([bytes])
        const theirs = await hearByNode(bytes)
        assert.deepEqual(heard, theirs.slice(0, heard.length))
        taken += heard.length
      }),
      { numRuns: 2000 },
    )
    assert.ok(taken > 200, `${taken} requests were taken`)
  })
})

/** What is heard of a request that was parsed, whatever becomes of its connection after it. */
class ParsedRequest extends IncomingMessage {
  static heard: Heard[] = []
  #body = ''

  override push(piece: Buffer | null): boolean {
    const { method = '', url: target = '', headers } = this
    if (piece !== null) this.#body += piece.toString('latin1')
    else
      ParsedRequest.heard.push(
        plain({ method, target, headers: headers as Heard['headers'], body: this.#body }),
      )
    return super.push(piece)
  }
}

async function hearByNode(bytes: Buffer): Promise<Heard[]> {
  ParsedRequest.heard = []
  const server = createServer(
    {
      IncomingMessage: ParsedRequest,
      requireHostHeader: false,
      maxHeaderSize: limits.headerBytes,
    },
    (request, response) => {
      request.on('error', () => undefined)
      request.resume().on('end', () => response.end('ok'))
    },
  )
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
  server.on('clientError', (_, socket) => socket.destroy())
  const [sender, theirs] = duplexPair()
  sender.on('error', () => undefined)
  sender.resume()
  server.emit('connection', theirs)
  sender.write(bytes)
  await settled()
  await settled()
  sender.destroy()
  theirs.destroy()
  return ParsedRequest.heard
}

/** The names that are no names in the objects of node:http are left out. */
function plain({ headers, ...rest }: Heard): Heard {
  const entries = Object.entries(headers).map(([name, value]) => [name, String(value)] as const)
  return { ...rest, headers: Object.fromEntries(entries.sort()) }
}

import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { HttpRequest } from '../../../../src/ingress/http/request.ts'
import { movableClock } from '../../../support/clock.ts'
import { limits, ok, type Speaking, send, settled, startSpeaking } from './speaking.ts'

const get = (...lines: string[]) => ['GET / HTTP/1.1', ...lines, '', ''].join('\r\n')
const say = (to: Speaking, ...texts: string[]) =>
  send(
    to,
    texts.map((text) => Buffer.from(text, 'latin1')),
  )
const answersIn = ({ answers }: Speaking) => answers().match(/HTTP\/1\.1 \d+/g)?.length ?? 0

/** Requests are kept, and answered when the test wants it. */
function held() {
  const requests: HttpRequest[] = []
  const gone: number[] = []
  const speaking = startSpeaking({
    serve(request) {
      const place = requests.push(request) - 1
      request.giveBodyTo({
        take: () => undefined,
        end: () => undefined,
        gone: () => void gone.push(place),
      })
    },
  })
  const answer = (place: number, body: string) =>
    requests[place]?.answer({ status: 200, headers: ['Content-Length', '1'], body })
  return { ...speaking, requests, gone, answer }
}

suite('answers', () => {
  test('go out in the order of the requests, whichever is there first', async () => {
    const speaking = held()
    await say(speaking, get().repeat(3))
    speaking.answer(2, 'c')
    speaking.answer(1, 'b')
    await settled()
    assert.equal(speaking.answers(), '')
    speaking.answer(0, 'a')
    await settled()
    assert.match(speaking.answers(), /\r\n\r\na.*\r\n\r\nb.*\r\n\r\nc$/s)
  })

  test('say when they were made, and nothing of the connection while it is kept', async () => {
    const speaking = startSpeaking()
    await say(speaking, get())
    const date = 'Fri, 02 Jan 2026 12:00:00 GMT'
    const text = `HTTP/1.1 200 OK\r\nContent-Length: 2\r\nDate: ${date}\r\n\r\nok`
    assert.equal(speaking.answers(), text)
  })

  test('to HEAD have no body', async () => {
    const speaking = startSpeaking()
    await say(speaking, 'HEAD / HTTP/1.1\r\n\r\n', get())
    assert.match(speaking.answers(), /^HTTP.*?Content-Length: 2.*?\r\n\r\nHTTP.*ok$/s)
  })

  test('are the last after Connection: close, whatever follows', async () => {
    const speaking = startSpeaking()
    await say(speaking, get('Connection: close') + get())
    assert.equal(speaking.heard.length, 1)
    assert.match(speaking.answers(), /^HTTP.*Connection: close.*ok$/s)
    assert.equal(answersIn(speaking), 1)
    assert.equal(speaking.sender.readableEnded, true)
    assert.deepEqual(speaking.closed, [])
  })

  test('are the last for HTTP/1.0, unless it asks for more', async () => {
    const once = startSpeaking()
    await say(once, 'GET / HTTP/1.0\r\n\r\n')
    assert.match(once.answers(), /Connection: close/)
    assert.equal(once.sender.readableEnded, true)
    const more = startSpeaking()
    await say(more, 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n'.repeat(2))
    assert.equal(more.answers().match(/Connection: keep-alive/g)?.length, 2)
    assert.equal(more.sender.readableEnded, false)
  })

  test('tell who waits to send its body, in their order too', async () => {
    const speaking = held()
    await say(
      speaking,
      get(),
      'PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n',
    )
    speaking.requests[1]?.sendContinue()
    await settled()
    assert.equal(speaking.answers(), '')
    speaking.answer(0, 'a')
    await settled()
    assert.match(speaking.answers(), /\r\n\r\naHTTP\/1\.1 100 Continue\r\n\r\n$/)
    await say(speaking, 'x')
    speaking.answer(1, 'b')
    await settled()
    assert.match(speaking.answers(), /100 Continue\r\n\r\nHTTP\/1\.1 200.*b$/s)
  })

  test('that come before the body end the connection only behind it', async () => {
    const speaking = held()
    await say(speaking, 'PUT / HTTP/1.1\r\nContent-Length: 2\r\n\r\nx')
    const [request] = speaking.requests
    assert.ok(request !== undefined)
    request.keepsAlive = false
    speaking.answer(0, 'a')
    await settled()
    assert.equal(answersIn(speaking), 1)
    assert.equal(speaking.sender.readableEnded, false)
    await say(speaking, 'x')
    assert.equal(speaking.sender.readableEnded, true)
  })

  test('end it behind those that are due before them', async () => {
    const speaking = held()
    await say(speaking, get(), 'PUT / HTTP/1.1\r\nContent-Length: 2\r\n\r\nx')
    speaking.answer(1, 'b')
    speaking.requests[1]?.abandon()
    await say(speaking, 'x')
    assert.equal(speaking.sender.readableEnded, false)
    speaking.answer(0, 'a')
    await settled()
    assert.match(speaking.answers(), /\r\n\r\na.*\r\n\r\nb$/s)
    assert.equal(speaking.sender.readableEnded, true)
  })

  test('that nobody takes stop the reading, and no request is lost', async () => {
    const speaking = startSpeaking()
    speaking.sender.pause()
    const asked = 5000
    await say(speaking, get().repeat(asked))
    for (let turn = 0; turn < 20; turn++) await settled()
    assert.ok(speaking.heard.length < asked / 2, `${speaking.heard.length} were heard`)
    speaking.sender.resume()
    while (speaking.heard.length < asked) await settled()
    await settled()
    assert.equal(answersIn(speaking), asked)
  })
})

suite('a sender that closes its half', () => {
  test('is answered what it asked for', async () => {
    const speaking = held()
    await say(speaking, get())
    speaking.sender.end()
    await settled()
    speaking.answer(0, 'a')
    await settled()
    assert.equal(answersIn(speaking), 1)
    assert.equal(speaking.sender.readableEnded, true)
    assert.deepEqual(speaking.closed, [])
  })

  test('and has asked for nothing is closed', async () => {
    const speaking = startSpeaking()
    speaking.sender.end()
    await settled()
    assert.equal(speaking.sender.readableEnded, true)
    assert.deepEqual(speaking.closed, [])
  })

  for (const [where, text] of [
    ['head', 'GET / HTTP/1.1\r\nHos'],
    ['body', 'PUT / HTTP/1.1\r\nContent-Length: 2\r\n\r\nx'],
    ['chunk', 'PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nx'],
  ] as const)
    test(`in the middle of a ${where} is malformed`, async () => {
      const speaking = held()
      await say(speaking, text)
      speaking.sender.end()
      await settled()
      assert.deepEqual(speaking.closed, ['malformed'])
      assert.deepEqual(speaking.gone, where === 'head' ? [] : [0])
      assert.equal(speaking.answers(), '')
    })
})

suite('an empty line', () => {
  test('before a request is skipped, once', async () => {
    const speaking = startSpeaking()
    await say(speaking, `\r\n${get()}\r`, `\n${get()}`)
    assert.equal(speaking.heard.length, 2)
    assert.equal(speaking.connection.isIdle, true)
    await say(speaking, '\r\n\r\n')
    assert.deepEqual(speaking.closed, ['malformed'])
  })
})

suite('what takes too long', () => {
  const cases = [
    ['the first request', '', limits.headersMs],
    ['a head', `${get()}GET`, limits.headersMs],
    ['a body', 'PUT / HTTP/1.1\r\nContent-Length: 2\r\n\r\nx', limits.requestMs],
    ['a chunk', 'PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2', limits.requestMs],
  ] as const
  for (const [what, text, limit] of cases)
    test(`${what}: the connection is closed`, async () => {
      const clock = movableClock()
      const speaking = startSpeaking({ clock })
      await say(speaking, text)
      clock.advance(limit)
      speaking.connection.closeLate(clock.elapsed())
      assert.deepEqual(speaking.closed, [])
      clock.advance(1)
      speaking.connection.closeLate(clock.elapsed())
      assert.deepEqual(speaking.closed, ['timeout'])
      assert.equal(speaking.connection.socket.destroyed, true)
    })

  test('is not what waits for its answer, or for another request', async () => {
    const clock = movableClock()
    const speaking = startSpeaking({ clock, serve: () => undefined })
    await say(speaking, get())
    clock.advance(1e6)
    speaking.connection.closeLate(clock.elapsed())
    assert.deepEqual(speaking.closed, [])
  })

  test('is counted from where each request began', async () => {
    const clock = movableClock()
    const speaking = startSpeaking({ clock })
    for (let n = 0; n < 5; n++) {
      await say(speaking, `${n === 0 ? '' : get().slice(5)}${get().slice(0, 5)}`)
      clock.advance(limits.headersMs - 1)
      speaking.connection.closeLate(clock.elapsed())
    }
    assert.deepEqual(speaking.closed, [])
    assert.equal(speaking.heard.length, 4)
  })

  test('is who does not close after the last answer', async () => {
    const clock = movableClock()
    const speaking = startSpeaking({ clock })
    await say(speaking, get('Connection: close'))
    speaking.connection.closeLate(clock.elapsed())
    assert.equal(speaking.connection.socket.destroyed, false)
    clock.advance(60_000)
    speaking.connection.closeLate(clock.elapsed())
    assert.equal(speaking.connection.socket.destroyed, true)
    assert.deepEqual(speaking.closed, [])
  })
})

test('who goes on sending after its last answer is cut off', async () => {
  const speaking = startSpeaking()
  await say(speaking, get('Connection: close'))
  const piece = 'x'.repeat(2 ** 16)
  for (let sent = 0; sent < 100 && !speaking.connection.socket.destroyed; sent++)
    await say(speaking, piece)
  assert.equal(speaking.connection.socket.destroyed, true)
  assert.equal(answersIn(speaking), 1)
})

test('a request that nobody wants the body of leaves the next one where it is', async () => {
  const speaking = startSpeaking({ serve: (request) => request.answer(ok) })
  await say(speaking, `PUT / HTTP/1.1\r\nContent-Length: ${get().length}\r\n\r\n${get()}${get()}`)
  assert.equal(answersIn(speaking), 2)
})

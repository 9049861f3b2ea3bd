import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { mayBecomeHead, readHead } from '../../../../src/ingress/http/head.ts'
import { Malformed } from '../../../../src/ingress/http/malformed.ts'

const head = (...lines: string[]) => [...lines, '', ''].join('\r\n')
const post = (...lines: string[]) => head('POST /a HTTP/1.1', ...lines)
const read = (text: string) => readHead(text, 10)
const headersOf = (...lines: string[]) => Object.fromEntries(read(post(...lines)).headers.entries())

suite('a head', () => {
  test('has a method, a target, headers by lower-case name, and the length of its body', () => {
    const { headers, ...rest } = read(post('Host: h', 'X-One:  a b\t', 'Content-Length: 5'))
    assert.deepEqual(
      [...headers.entries()],
      [
        ['host', 'h'],
        ['x-one', 'a b'],
        ['content-length', '5'],
      ],
    )
    assert.deepEqual(rest, {
      method: 'POST',
      target: '/a',
      length: 5,
      isOld: false,
      keepsAlive: true,
      awaitsContinue: false,
    })
  })

  test('may name any header, also one that objects have', () => {
    const { headers } = read(post('__proto__: a', 'constructor: b', 'toString: c'))
    const names = ['__proto__', 'constructor', 'tostring']
    assert.deepEqual(
      names.map((name) => headers.get(name)),
      ['a', 'b', 'c'],
    )
    assert.equal(read(post()).headers.get('constructor'), undefined)
  })

  test('keeps every byte of a value but the whitespace around it', () => {
    assert.deepEqual(headersOf('X: \t\xa0\xe9 \xff\x80\xa0 \t', 'Y:', 'Z: \t '), {
      x: '\xa0\xe9 \xff\x80\xa0',
      y: '',
      z: '',
    })
  })

  test('joins what stands there twice, save where the first alone counts', () => {
    const lines = ['X: a', 'x: b', 'Authorization: 1', 'authorization: 2', 'Cookie: c', 'Cookie: d']
    assert.deepEqual(headersOf(...lines, 'X:'), { x: 'a, b, ', authorization: '1', cookie: 'c; d' })
  })

  test('says how long the body is, or that it comes in chunks', () => {
    assert.equal(read(post()).length, 0)
    assert.equal(read(post('Content-Length: 0012')).length, 12)
    assert.equal(read(post('Transfer-Encoding: Chunked')).length, null)
  })

  test('says whether the connection goes on', () => {
    const keeps = (version: string, ...lines: string[]) =>
      read(head(`GET / HTTP/${version}`, ...lines)).keepsAlive
    assert.equal(keeps('1.1'), true)
    assert.equal(keeps('1.1', 'Connection: Upgrade, CLOSE'), false)
    assert.equal(keeps('1.1', 'Connection: x-close', 'Connection: closed'), true)
    assert.equal(keeps('1.1', 'Connection: x', 'Connection: close'), false)
    assert.equal(keeps('1.0'), false)
    assert.equal(keeps('1.0', 'Connection: Keep-Alive'), true)
  })

  test('says whether the body waits to be asked for', () => {
    const waits = (version: string, expect: string) =>
      read(head(`PUT / HTTP/${version}`, `Expect: ${expect}`)).awaitsContinue
    assert.equal(waits('1.1', '100-Continue'), true)
    assert.equal(waits('1.1', 'something'), false)
    assert.equal(waits('1.0', '100-continue'), false)
  })

  for (const target of [
    '/',
    '*',
    '/a?b=%20"<>\\^`{|}',
    'http://h:80/x?y',
    'HTTPS://[::1]',
    'x://h?',
  ])
    test(`may ask for ${target}`, () => {
      assert.equal(read(head(`OPTIONS ${target} HTTP/1.1`)).target, target)
    })
})

const withBody = (line: string) => post(line)
const malformed: Readonly<Record<string, string>> = {
  nothing: '\r\n\r\n',
  'a method that is none': head('GOT / HTTP/1.1'),
  'a method in lower case': head('get / HTTP/1.1'),
  'a request for a tunnel': head('CONNECT h:443 HTTP/1.1'),
  'the preface of HTTP/2': head('PRI * HTTP/2.0'),
  'HTTP/0.9': head('GET /'),
  'HTTP/1.2': head('GET / HTTP/1.2'),
  'HTTP/2.0': head('GET / HTTP/2.0'),
  'a version in lower case': head('GET / http/1.1'),
  'a version of more digits': head('GET / HTTP/1.10'),
  'two spaces before the target': head('GET  / HTTP/1.1'),
  'two spaces behind the target': head('GET /  HTTP/1.1'),
  'a tab before the target': head('GET\t/ HTTP/1.1'),
  'a space behind the version': head('GET / HTTP/1.1 '),
  'a space before the method': head(' GET / HTTP/1.1'),
  'no target': head('GET HTTP/1.1'),
  'a target with a space': head('GET /a b HTTP/1.1'),
  'a target with a fragment': head('GET /a#b HTTP/1.1'),
  'a target with a byte that is no ASCII': head('GET /\xe9 HTTP/1.1'),
  'a target with a control character': head('GET /\x7f HTTP/1.1'),
  'a target that is no path': head('GET a HTTP/1.1'),
  'a target that is more than *': head('OPTIONS *a HTTP/1.1'),
  'a URL with a user': head('GET http://u@h/ HTTP/1.1'),
  'a URL without a host': head('GET http:/// HTTP/1.1'),
  'a line before the first header that goes on': post(' X: a'),
  'a header that goes on in the next line': post('X: a', ' b'),
  'a header that goes on behind a tab': post('X: a', '\tb'),
  'a header without a colon': post('X'),
  'a header without a name': post(': a'),
  'a space before a colon': post('X : a'),
  'a tab before a colon': post('X\t: a'),
  'a name with a space': post('X Y: a'),
  'a name with brackets': post('X(Y): a'),
  'a name with a byte that is no ASCII': post('X\xe9: a'),
  'a bare line feed': post('X: a\nY: b'),
  'a bare carriage return': post('X: a\rY: b'),
  'a carriage return before the line end': post('X: a\r'),
  'a null byte': post('X: a\0b'),
  'a bell': post('X: \x07'),
  'a delete': post('X: \x7f'),
  'only line feeds': 'GET / HTTP/1.1\nHost: h\n\r\n\r\n',
  'more headers than there may be': post(...Array.from({ length: 11 }, (_, n) => `X-${n}: 1`)),
  'two hosts': post('Host: a', 'Host: a'),
  'two lengths': withBody('Content-Length: 5\r\nContent-Length: 6'),
  'two lengths that are one': withBody('Content-Length: 5\r\nContent-Length: 5'),
  'a list of lengths': withBody('Content-Length: 5, 5'),
  'an empty length': withBody('Content-Length:'),
  'a length with a sign': withBody('Content-Length: +5'),
  'a negative length': withBody('Content-Length: -5'),
  'a length in hexadecimal': withBody('Content-Length: 0x5'),
  'a length with a point': withBody('Content-Length: 5.0'),
  'a length with spaces in it': withBody('Content-Length: 1 0'),
  'a length in digits that are no ASCII': withBody('Content-Length: \xb2'),
  'a length that no number holds': withBody(`Content-Length: ${'9'.repeat(16)}`),
  'a length beside chunks': withBody('Content-Length: 5\r\nTransfer-Encoding: chunked'),
  'chunks beside a length': withBody('Transfer-Encoding: chunked\r\nContent-Length: 5'),
  'chunks twice': withBody('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked'),
  'chunks twice in one': withBody('Transfer-Encoding: chunked, chunked'),
  'a coding before chunks': withBody('Transfer-Encoding: gzip, chunked'),
  'a coding behind chunks': withBody('Transfer-Encoding: chunked, identity'),
  'a coding that is not known': withBody('Transfer-Encoding: identity'),
  'a coding with a parameter': withBody('Transfer-Encoding: chunked;q=1'),
  'a coding that only looks like chunked': withBody('Transfer-Encoding: xchunked'),
  'a coding in quotes': withBody('Transfer-Encoding: "chunked"'),
  'no coding at all': withBody('Transfer-Encoding:'),
  'a vertical tab before the coding': withBody('Transfer-Encoding: \x0bchunked'),
  'chunks in HTTP/1.0': head('POST / HTTP/1.0', 'Transfer-Encoding: chunked'),
}

suite('what is no head, or two', () => {
  for (const [name, text] of Object.entries(malformed))
    test(`${name} is refused`, () => {
      assert.throws(() => read(text), Malformed)
    })
})

suite('the beginning of a head', () => {
  const whole = post('Host: h', 'X-One: \t\xe9 a', 'Content-Length: 5')
  test('is known for one wherever it is cut', () => {
    for (let end = 1; end < whole.length; end++)
      assert.ok(mayBecomeHead(whole.slice(0, end)), JSON.stringify(whole.slice(0, end)))
  })

  for (const text of [
    '\x16\x03\x01\x02',
    ' GET',
    '\0',
    'get',
    'GET / HTTP/1.1\n',
    'GET / HTTP/1.1\r\n\n',
    'GET / HTTP/3.0\r\n',
    'GET / HTTP/1.1\r\nX : a\r\n',
    'GET / HTTP/1.1\r\nX: a\r\n b: c\r\n',
    'GET / HTTP/1.1\r\nX: a\0\r\n',
    'GET / HTTP/1.1\r\nX: a\r\r\n',
  ])
    test(`is not ${JSON.stringify(text)}`, () => {
      assert.equal(mayBecomeHead(text), false)
    })
})

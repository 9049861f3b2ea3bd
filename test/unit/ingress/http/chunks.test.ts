import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { Chunks } from '../../../../src/ingress/http/chunks.ts'
import { Malformed } from '../../../../src/ingress/http/malformed.ts'

const limits = { headerBytes: 200, headerCount: 3 }

/** The data, and what of the bytes stands behind the body; null where it does not end. */
function decode(text: string, cut = text.length): { data: string; behind: string } | null {
  let data = ''
  const chunks = new Chunks(limits, (piece) => {
    data += piece.toString('latin1')
  })
  const bytes = Buffer.from(text, 'latin1')
  for (let at = 0; at < bytes.length; at += cut) {
    const piece = bytes.subarray(at, at + cut)
    const end = chunks.read(piece, 0)
    if (chunks.isDone) return { data, behind: text.slice(at + end) }
    assert.equal(end, piece.length)
  }
  return null
}

const good: Readonly<Record<string, readonly [string, string]>> = {
  'no chunk': ['0\r\n\r\n', ''],
  'one chunk': ['5\r\nhello\r\n0\r\n\r\n', 'hello'],
  'several chunks': ['5\r\nhello\r\n1\r\n \r\n0A\r\n0123456789\r\n000\r\n\r\n', 'hello 0123456789'],
  'line ends as data': ['4\r\n\r\n\r\n\r\n0\r\n\r\n', '\r\n\r\n'],
  extensions: ['1;a;b=c;d="e;\\"f"\r\nx\r\n0;z\r\n\r\n', 'x'],
  trailers: ['1\r\nx\r\n0\r\nA: b\r\nC:\r\n\r\n', 'x'],
}

suite('a body in chunks', () => {
  for (const [name, [text, data]] of Object.entries(good))
    test(`of ${name} is its data, wherever it is cut`, () => {
      for (let cut = 1; cut <= text.length; cut++) {
        assert.deepEqual(decode(text, cut), { data, behind: '' })
        const behind = decode(`${text}GET`, cut)
        assert.equal(behind?.data, data)
        assert.equal(behind.behind, 'GET')
      }
    })

  test('is not over before its last line is', () => {
    const text = '1\r\nx\r\n0\r\nA: b\r\n\r\n'
    for (let end = 0; end < text.length; end++) assert.equal(decode(text.slice(0, end)), null)
  })
})

const long = 'x'.repeat(limits.headerBytes)
const malformed: Readonly<Record<string, string>> = {
  'no size': '\r\nx\r\n',
  'a size that is none': 'g\r\n',
  'a size with a sign': '+1\r\nx\r\n',
  'a negative size': '-1\r\nx\r\n',
  'a size in 0x': '0x1\r\nx\r\n',
  'a size before a space': '1 \r\nx\r\n',
  'a size behind a space': ' 1\r\nx\r\n',
  'a size that no number holds': 'fffffffffffff\r\n',
  'a size line that ends in a line feed': '1\nx\r\n',
  'a size line with a bare carriage return': '1\r;a\r\nx\r\n',
  'data that is longer than its size': '1\r\nxy\r\n',
  'data that ends in a line feed': '1\r\nx\n0\r\n\r\n',
  'data that ends in nothing': '1\r\nx0\r\n\r\n',
  'a size behind an empty line': '1\r\nx\r\n\r\n0\r\n\r\n',
  'an extension without a name': '1;\r\nx\r\n',
  'an extension behind a space': '1 ;a\r\nx\r\n',
  'an extension with a space': '1;a b\r\nx\r\n',
  'an extension without a value': '1;a=\r\nx\r\n',
  'an extension whose quotes stay open': '1;a="b\r\nx\r\n',
  'an extension with a null byte': '1;a="\0"\r\nx\r\n',
  'an extension without end': `1;${long}`,
  'extensions without end': `1;${long.slice(9)}\r\nx\r\n`.repeat(2),
  'a trailer that is no header': '0\r\nA b\r\n\r\n',
  'a trailer that goes on': '0\r\nA: b\r\n c\r\n\r\n',
  'a trailer that ends in a line feed': '0\r\nA: b\n\r\n',
  'an end in a line feed': '0\r\n\n',
  'a trailer that says how long': '0\r\nContent-Length: 1\r\n\r\n',
  'a trailer that says in what coding': '0\r\nTransfer-Encoding: chunked\r\n\r\n',
  'more trailers than there may be': `0\r\n${'A: b\r\n'.repeat(4)}\r\n`,
  'trailers without end': `0\r\nA: ${long}`,
}

suite('what are no chunks', () => {
  for (const [name, text] of Object.entries(malformed))
    test(`${name}: refused, wherever it is cut`, () => {
      for (const cut of [1, 2, 3, 7, text.length])
        assert.throws(() => decode(text, cut), Malformed, String(cut))
    })
})

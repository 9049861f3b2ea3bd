import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ArrayView, viewJson } from '../../../src/event/json-view.ts'
import { isSpared, jsonValues, noise } from './arbitraries.ts'
import { assertShows, objectView } from './views.ts'

/** What JSON.parse makes of the same bytes. */
function parsed(bytes: Buffer): unknown {
  const text = bytes.toString('utf8')
  try {
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)
  } catch {
    return undefined
  }
}

function assertAgrees(bytes: Buffer): void {
  assertShows(viewJson(bytes), parsed(bytes))
}

/** JSON with places changed to bytes that mean something in it, and with whitespace to spare. */
const mutated = fc
  .tuple(
    jsonValues,
    fc.constantFrom(undefined, 2, '\t'),
    fc.array(fc.tuple(fc.nat(), fc.constantFrom(...'{}[]",:\\ u0-.eE+1tn\u0001\n')), {
      maxLength: 3,
    }),
  )
  .map(([value, indent, changes]) => {
    const bytes = Buffer.from(JSON.stringify(value, null, indent))
    for (const [place, byte] of changes) bytes.write(byte, place % bytes.length, 'latin1')
    return bytes
  })
  .filter(isSpared)

/** Objects with keys that repeat, and are written in any way. */
const key = fc
  .tuple(fc.constantFrom('a', 'id', 'é', '__proto__', '"', '\n', '😀', ''), fc.boolean())
  .map(([name, isEscaped]) => (isEscaped ? escaped(name) : JSON.stringify(name)))
const repeating = fc
  .array(fc.tuple(key, fc.constantFrom('1', '"x"', '{"a":{"id":2}}', '[{"a":1}]', 'null')))
  .map((members) => Buffer.from(`{${members.map(([name, value]) => `${name}:${value}`)}}`))

function escaped(name: string): string {
  const units = Array.from({ length: name.length }, (_, at) => name.charCodeAt(at))
  return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')}"`
}

describe('a view of JSON', () => {
  it('shows what JSON.parse makes of the same bytes', () => {
    const written = jsonValues.map((value) => Buffer.from(JSON.stringify(value)))
    fc.assert(fc.property(written, assertAgrees), { numRuns: 1000 })
    fc.assert(fc.property(repeating, assertAgrees), { numRuns: 1000 })
  })

  it('is there exactly where JSON.parse does not throw', () => {
    fc.assert(fc.property(fc.oneof(mutated, noise), assertAgrees), { numRuns: 5000 })
  })

  it('agrees on every token that is nearly one', () => {
    const tokens = [
      ...['-', '-0', '00', '01', '-01', '1.', '.5', '1.5', '1e', '1e+', '1e-5', '1E5', '+1', '--1'],
      ...['1e400', '9007199254740993', '-1.5e+300', '0x1', 'NaN', 'Infinity', '1 2', '1_0'],
      ...['true', 'tru', 'truex', 'True', 'false', 'fals', 'null', 'nul', 'nulll', 'undefined'],
      ...['"', '""', '"\\"', '"\\x"', '"\\u12"', '"\\u12g4"', '"\\uD800"', '"\\/\\b\\f\\n\\r\\t"'],
      ...['"\u0000"', '"\u001f"', '"\n"', '"\u007f"', '"\u2028"', "'a'", '"a" ', ' "a"', '\u00a01'],
      ...['', ' ', '\ufeff', '\ufeff1', '\ufeff\ufeff1', '\v1', '1\f', '/**/1', '1//', ',', ':'],
      ...['[', ']', '[]', '[,]', '[1,]', '[,1]', '[1 2]', '[1]]', '[[]', '[}', '{]', '[1,[2,{}]]'],
      ...['{', '}', '{}', '{,}', '{"a"}', '{"a":}', '{"a":1,}', '{a:1}', '{"a" : 1}', '{"a"::1}'],
      ...['{"a":1 "b":2}', '{"a":1,,"b":2}', '{1:1}', '{"a":[}', '{"a":{}', '{}{}', '{"":{"":1}}'],
    ]
    for (const token of tokens)
      for (const text of [token, `[${token}]`, `{"a":${token}}`, `{"a":[${token}],"b":{}}`])
        assertAgrees(Buffer.from(text))
  })

  it('takes what is not UTF-8 for text where text may stand', () => {
    for (const bytes of [[0xff], [0xc3], [0xe2, 0x80], [0xed, 0xa0, 0x80], [0xc0, 0xaf]])
      for (const [before, after] of [
        ['"', '"'],
        ['{"a":"', '"}'],
        ['{"', '":1}'],
        ['', '1'],
        ['[', ']'],
      ])
        assertAgrees(
          Buffer.concat([Buffer.from(`${before}`), Buffer.from(bytes), Buffer.from(`${after}`)]),
        )
  })

  it('reads members at any depth of objects', () => {
    const depth = 2000
    let view = objectView(`${'{"a":'.repeat(depth)}{"b":[1]}${'}'.repeat(depth)}`)
    for (let level = 0; level < depth; level++) {
      const inner = view.member('a')
      assert.ok(inner instanceof view.constructor)
      view = inner as typeof view
    }
    assert.ok(view.member('b') instanceof ArrayView)
  })
})

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { canonicalJson, canonicalMember, contentHash } from '../../../src/event/canonical.ts'
import { jsonValues, noise } from './arbitraries.ts'

const canonical = (text: string) => canonicalJson(Buffer.from(text))?.toString() ?? null

/** The same value written another way: other key order, whitespace and escapes. */
function rewritten(value: unknown, choose: () => number): string {
  const gap = [' ', '\n\t', '', '\r\n'][choose() % 4] ?? ''
  if (typeof value === 'string') return escaped(value, choose)
  if (Array.isArray(value))
    return `[${gap}${value.map((one) => rewritten(one, choose)).join(`${gap},`)}${gap}]`
  if (typeof value !== 'object' || value === null) return `${gap}${JSON.stringify(value)}${gap}`
  const members = Object.entries(value).sort(() => (choose() % 2 === 0 ? 1 : -1))
  const texts = members.map(
    ([key, one]) => `${gap}${escaped(key, choose)}${gap}:${rewritten(one, choose)}`,
  )
  return `{${texts.join(',')}${gap}}`
}

function escaped(text: string, choose: () => number): string {
  return choose() % 2 === 0 ? JSON.stringify(text) : `"${text.replace(/[\s\S]/g, unicodeEscape)}"`
}

function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** A JSON value with two ways of writing it. */
const writtenTwice = fc
  .tuple(jsonValues, fc.array(fc.nat(), { minLength: 30, maxLength: 60 }))
  .map(([value, choices]) => {
    let next = 0
    const parsed: unknown = JSON.parse(JSON.stringify(value))
    const other = rewritten(parsed, () => choices[next++ % choices.length] ?? 0)
    return { parsed, text: JSON.stringify(parsed), other }
  })

describe('canonical JSON', () => {
  it('is the same however a value is written', () => {
    fc.assert(
      fc.property(writtenTwice, ({ text, other }) => {
        assert.equal(canonical(other), canonical(text))
      }),
      { numRuns: 500 },
    )
  })

  it('is JSON of the same value, without whitespace', () => {
    fc.assert(
      fc.property(writtenTwice, ({ parsed, other }) => {
        const found = canonical(other) ?? ''
        assert.deepEqual(JSON.parse(found), parsed)
        assert.equal(found, canonical(found), 'it is its own canonical form')
      }),
      { numRuns: 500 },
    )
  })

  it('differs where values differ', () => {
    fc.assert(
      fc.property(writtenTwice, writtenTwice, (left, right) => {
        const isSame = JSON.stringify(left.parsed) === JSON.stringify(right.parsed)
        if (isSame) assert.equal(canonical(left.other), canonical(right.other))
        else if (!sameValue(left.parsed, right.parsed))
          assert.notEqual(canonical(left.other), canonical(right.other))
      }),
    )
  })

  it('never throws, and is null exactly for what is no JSON in UTF-8', () => {
    fc.assert(
      fc.property(noise, (bytes) => {
        assert.equal(canonicalJson(bytes) === null, !isJson(bytes))
      }),
      { numRuns: 500 },
    )
  })

  it('sorts keys by their UTF-16 units, as the example of RFC 8785', () => {
    const text =
      '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":' +
      '"Hebrew Letter Dalet With Dagesh",' +
      '"1":"One","\\ud83d\\ude00":"Emoji: Grinning Face","\\u0080":"Control",' +
      '"\\u00f6":"Latin Small Letter O With Diaeresis"}'
    const values = Object.values(JSON.parse(canonical(text) ?? ''))
    assert.deepEqual(values, [
      ...['One', 'Carriage Return', 'Control', 'Latin Small Letter O With Diaeresis'],
      ...['Euro Sign', 'Emoji: Grinning Face', 'Hebrew Letter Dalet With Dagesh'],
    ])
    assert.match(canonical(text) ?? '', /^\{"\\r":"Carriage Return","1":"One"/)
  })

  it('escapes as JSON.stringify does', () => {
    const text = '"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/\\u2028"'
    assert.equal(canonical(text), JSON.stringify(JSON.parse(text)))
  })

  it('keeps numbers as written', () => {
    assert.equal(
      canonical('[1, 1.0, 1e0, -0, 9007199254740993]'),
      '[1,1.0,1e0,-0,9007199254740993]',
    )
  })

  it('keeps every value of a repeated key in order', () => {
    assert.equal(canonical('{"b":1,"a":2,"b":0,"\\u0062":3}'), '{"a":2,"b":1,"b":0,"b":3}')
  })

  it('keeps a lone surrogate as an escape', () => {
    assert.equal(canonical('{"\\uD800":"\\uDFFFx"}'), '{"\\ud800":"\\udfffx"}')
  })

  it('leaves a byte order mark out', () => {
    assert.equal(canonical('\ufeff{"a":1}'), '{"a":1}')
  })

  it('is null for what is not UTF-8', () => {
    assert.equal(canonicalJson(Buffer.from([0x22, 0xff, 0x22])), null)
  })

  it('goes 100,000 levels deep and over 100,000 members', () => {
    const deep = `${'{"a":['.repeat(50_000)}1${']}'.repeat(50_000)}`
    assert.equal(canonical(deep), deep)
    const keys = Array.from(
      { length: 100_000 },
      (_, index) => `"k${String(index).padStart(6, '0')}":1`,
    )
    assert.equal(canonical(`{${keys.toReversed().join(', ')}}`), `{${keys.join(',')}}`)
    assert.equal(canonicalJson(Buffer.alloc(5_000_000, '[')), null)
  })
})

describe('canonical form of a member', () => {
  const member = (text: string) => canonicalMember(Buffer.from(text), 'a')?.toString() ?? null

  it('is that of its value', () => {
    assert.equal(member('{"b":{"a":0},"a":{"y":1, "x":2}}'), '{"x":2,"y":1}')
  })

  it('has all values of a repeated key', () => {
    assert.equal(member('{"a":1,"b":0,"\\u0061":2}'), '1,2')
  })

  it('is null where there is none', () => {
    for (const text of ['{"b":1}', '["a"]', '"a"', '{"a":', ''])
      assert.equal(member(text), null, text)
  })
})

describe('content hash', () => {
  it('is SHA-256 of the topic, a newline and the content', () => {
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
    assert.equal(contentHash('v2.x', Buffer.from('{}')), sha256('v2.x\n{}'))
    assert.equal(contentHash(null, Buffer.from('{}')), sha256('\n{}'))
  })
})

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return true
  } catch {
    return false
  }
}

function sameValue(left: unknown, right: unknown): boolean {
  try {
    assert.deepEqual(left, right)
    return true
  } catch {
    return false
  }
}

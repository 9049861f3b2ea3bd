import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { mostDepth, readable } from '../../../../src/loader/silver/readable.ts'

test('what DuckDB reads stays as it is', () => {
  for (const body of ['{}', String.raw`{"a\"[":"\\ud800 \u00e9 \ud83d\ude00","b":[1]}`])
    assert.deepEqual(readable(body), { kind: 'as_it_is' })
})

test('halves of surrogate pairs and NUL are mended, in keys as in values', () => {
  const cases: [string, string][] = [
    [String.raw`{"\udc00":"\ud800\ud800\udc00"}`, String.raw`{"\ufffd":"\ufffd\ud800\udc00"}`],
    [String.raw`["\u0000","\\\u0000","\\u0000"]`, String.raw`["\ufffd","\\\ufffd","\\u0000"]`],
    [String.raw`["\ud800x\udbff"]`, String.raw`["\ufffdx\ufffd"]`],
    [String.raw`["\ud800\n"]`, String.raw`["\ufffd\n"]`],
  ]
  for (const [body, mended] of cases) {
    const found = readable(body)
    assert.deepEqual(found, { kind: 'mended', body: mended })
  }
})

test('depth is counted outside of texts', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  assert.equal(readable(nested(mostDepth)).kind, 'as_it_is')
  assert.equal(readable(nested(mostDepth + 1)).kind, 'too_deep')
  assert.equal(readable(`[${'[],'.repeat(mostDepth)}1]`).kind, 'as_it_is')
  assert.equal(readable(JSON.stringify(nested(mostDepth + 1))).kind, 'as_it_is')
})

test('any JSON is mended to JSON that says the same, with a character for what is none', () => {
  const text = fc.string({ unit: fc.constantFrom('\ud83d', '\ude00', '\0', 'a', '"', '\\', '\n') })
  const spoilt = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|\0/g
  fc.assert(
    fc.property(fc.array(text), (texts) => {
      const body = JSON.stringify(texts)
      const found = readable(body)
      const mended = found.kind === 'mended' ? found.body : body
      const expected = texts.map((one) => one.replace(spoilt, '\ufffd'))
      assert.deepEqual(JSON.parse(mended), expected)
    }),
  )
})

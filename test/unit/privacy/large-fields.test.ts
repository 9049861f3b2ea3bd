import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { largeFields } from '../../../src/privacy/large-fields.ts'

const take = largeFields({ fields: ['transcript', 'notes[].text'], over: 20 })
const long = 'a "long" text, with\nlines and ü'

suite('large fields', () => {
  test('are taken wherever their path ends so, and all else stays byte by byte', () => {
    const body = `{ "n": 1.50, "a": {"transcript" : ${JSON.stringify(long)} },
      "notes": [{"text": "short"}, {"text": ["one", "two", "three", {"four": "}"}]}],
      "transcript": "short", "text": ${JSON.stringify(long)} }`
    const taken = take(body)
    assert.deepEqual(taken?.fields, [
      { field: 'transcript', path: 'a.transcript', json: JSON.stringify(long) },
      {
        field: 'notes[].text',
        path: 'notes[].text',
        json: '["one", "two", "three", {"four": "}"}]',
      },
    ])
    assert.equal(
      taken?.body,
      `{ "n": 1.50, "a": {"transcript" : "***" },
      "notes": [{"text": "short"}, {"text": "***"}],
      "transcript": "short", "text": ${JSON.stringify(long)} }`,
    )
  })

  test('are none where no field of that name is that large', () => {
    for (const body of ['{}', '[]', '"transcript"', '12', `{"x":${JSON.stringify(long)}}`])
      assert.equal(take(body), null)
  })

  test('and what stays are the whole, whatever the body', () => {
    const name = fc.constantFrom('transcript', 'notes', 'text', 'other', '__proto__', 'a"\\b')
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.string({ maxLength: 40, unit: 'binary' }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.constantFrom(null, true),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.array(fc.tuple(name, tie('value')), { maxLength: 4 }).map(Object.fromEntries),
      ),
    }))
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 1), (tree, indent) => {
        const body = JSON.stringify(tree, null, indent)
        const taken = take(body)
        if (taken === null) return
        let next = 0
        const parts = taken.body.split('"***"')
        const whole = parts.reduce((text, part) => `${text}${taken.fields[next++]?.json}${part}`)
        assert.equal(whole, body)
        assert.equal(next, taken.fields.length)
        for (const { json } of taken.fields) assert.ok(Buffer.byteLength(json) > 20)
      }),
      { numRuns: 2000 },
    )
  })
})

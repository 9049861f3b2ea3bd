/** Wherever a stream is cut, what is framed of it is what is framed of the whole. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { frame } from '../../../../src/event/frame.ts'
import { Cutter } from '../../../../src/ingress/import/cutter.ts'

function cut(text: string, step: number, options = { bytes: 20, longest: 1000 }): string[] {
  const cutter = new Cutter(options)
  const bytes = Buffer.from(text)
  const bodies: string[] = []
  for (let at = 0; at < bytes.length; at += step)
    for (const body of cutter.push(bytes.subarray(at, at + step))) bodies.push(body.toString())
  for (const body of cutter.end()) bodies.push(body.toString())
  return bodies
}

function elements(bodies: readonly string[]): string[] {
  return bodies.flatMap((body) =>
    frame(Buffer.from(body)).elements.map(
      ({ kind, slice }) => `${kind} ${Buffer.from(slice).toString().trim()}`,
    ),
  )
}

const shapes: Readonly<Record<string, (values: readonly string[]) => string>> = {
  lines: (values) => `${values.join('\n')}\n`,
  array: (values) => `\n [${values.join(' , ')}] \n`,
  concatenated: (values) => values.join(''),
  'arrays one after another': (values) => values.map((value) => `[${value}]`).join('\n'),
}

for (const [name, shape] of Object.entries(shapes)) {
  test(`${name}: every value is in one body, at whatever step it comes`, () => {
    const value = fc.record({
      id: fc.nat(),
      text: fc.string({ unit: 'binary' }),
      list: fc.array(fc.nat()),
    })
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1 }),
        fc.integer({ min: 1, max: 50 }),
        (all, step) => {
          const values = all.map((one) => JSON.stringify(one))
          assert.deepEqual(
            elements(cut(shape(values), step)),
            values.map((one) => `object ${one}`),
          )
        },
      ),
    )
  })
}

test('a body is as long as it must be, and not much longer', () => {
  const values = Array.from({ length: 100 }, (_, id) => `{"id":${1000 + id}}`)
  const bodies = cut(values.join('\n'), 64)
  assert.ok(bodies.length > 40)
  assert.ok(bodies.every((body) => body.length < 40))
})

test('a document of many lines is one body', () => {
  const text = JSON.stringify({ a: [1, 2, { b: '\\" {[' }], c: 'x'.repeat(100) }, null, 2)
  assert.deepEqual(cut(text, 7), [text])
})

test('damage costs what is near it, and is cut before a line that begins an object', () => {
  const sound = Array.from({ length: 30 }, (_, id) => `{"id":${id}}`)
  const text = [...sound.slice(0, 15), '{"open":[{"', ...sound.slice(15)].join('\n')
  const found = elements(cut(text, 16, { bytes: 20, longest: 60 }))
  for (const one of sound) assert.ok(found.includes(`object ${one}`), one)
  assert.equal(found.filter((one) => one.startsWith('unreadable')).length, 1)
})

test('nothing gives no body', () => {
  for (const text of ['', ' \n ', '[]', '[ ]\n']) assert.deepEqual(elements(cut(text, 3)), [])
})

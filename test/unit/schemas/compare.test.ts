import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { compareSchemas } from '../../../src/schemas/compare.ts'
import type { SchemaDocument } from '../../../src/schemas/json-schema.ts'
import { builtInSeed } from '../../../src/schemas/seed/seed.ts'

function told(before: SchemaDocument, after: SchemaDocument): string[] {
  return compareSchemas(before, after).map(({ path, change, compatible, before: was, after: is }) =>
    [compatible ? 'fine' : 'BREAKS', path, change, was, is].filter((one) => one !== null).join(' '),
  )
}

const object = (properties: SchemaDocument['properties'] & object, required: string[] = []) => ({
  type: 'object',
  properties,
  required,
})

suite('what changed between two schemas', () => {
  test('is nothing where they say the same', () => {
    for (const [topic, document] of builtInSeed())
      assert.deepEqual(told(document, structuredClone(document)), [], topic)
  })

  test('is a field more, which breaks nothing unless it must be there', () => {
    const after = object({ a: {}, b: { type: 'string' }, c: { type: 'integer' } }, ['c'])
    assert.deepEqual(told(object({ a: {} }), after), [
      'fine b added string',
      'BREAKS c added integer',
    ])
  })

  test('is a field less, with nothing of what was in it', () => {
    const before = object({ a: object({ b: { type: 'string' } }) })
    assert.deepEqual(told(before, object({})), ['BREAKS a removed object'])
  })

  test('is a type, which breaks where it cannot be read as before', () => {
    const before = object({ a: { type: 'string' }, b: { type: 'integer' }, c: { type: 'boolean' } })
    const after = object({
      a: { type: 'integer' },
      b: { type: ['integer', 'null'] },
      c: { type: 'number' },
    })
    assert.deepEqual(told(before, after), [
      'fine a type string integer',
      'fine b type integer integer or null',
      'BREAKS c type boolean number',
    ])
  })

  test('is what must be there', () => {
    const [loose, strict] = [object({ a: {} }), object({ a: {} }, ['a'])]
    assert.deepEqual(told(loose, strict), ['BREAKS a required'])
    assert.deepEqual(told(strict, loose), ['fine a optional'])
  })

  test('is found behind references, also of schemas that hold themselves', () => {
    const node = (properties: object): SchemaDocument => ({
      $ref: '#/definitions/Node',
      definitions: {
        Node: object({ next: { $ref: '#/definitions/Node' }, ...properties }),
      },
    })
    assert.deepEqual(told(node({}), node({ x: { type: 'array', items: { type: 'string' } } })), [
      'fine x added array',
    ])
  })
})

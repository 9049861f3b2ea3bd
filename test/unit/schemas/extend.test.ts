import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { extendSchema } from '../../../src/schemas/extend.ts'
import type { SchemaDocument } from '../../../src/schemas/json-schema.ts'
import { judgeShape } from '../../../src/schemas/judge.ts'
import { outlineOf } from '../../../src/schemas/outline.ts'
import { openSchemas } from '../../../src/schemas/registry.ts'
import { builtInSeed } from '../../../src/schemas/seed/seed.ts'

const document: SchemaDocument = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    owner: { $ref: '#/definitions/Person' },
    guest: { $ref: '#/definitions/Person' },
    lines: { type: 'array', items: { type: 'object', properties: { at: { type: 'string' } } } },
  },
  required: ['id', 'owner'],
  definitions: { Person: { type: 'object', properties: { name: { type: 'string' } } } },
}

const judge = (schema: SchemaDocument, shape: unknown) =>
  judgeShape(outlineOf(schema, schema.definitions ?? {}), JSON.stringify(shape))

const seen = (path: string, rule: string, typeSeen: string | null) => ({ path, rule, typeSeen })

suite('the next version of a schema', () => {
  test('knows a field that was seen, with all in it', () => {
    const next = extendSchema(document, [
      seen('journey', 'unknown_field', '{"step":"UBIGINT","tags":["VARCHAR"]}'),
      seen('lines[].text', 'unknown_field', 'VARCHAR'),
    ])
    const shape = { journey: { step: 'UBIGINT', tags: ['VARCHAR'] }, lines: [{ text: 'VARCHAR' }] }
    assert.deepEqual(judge(next, { id: 'VARCHAR', owner: 'NULL', ...shape }), [
      seen('owner', 'null_required', 'NULL'),
    ])
    assert.deepEqual(judge(next, { id: 'VARCHAR', owner: 'JSON', journey: { other: 'VARCHAR' } }), [
      seen('journey.other', 'unknown_field', 'VARCHAR'),
    ])
  })

  test('changes a shared definition only where that was approved', () => {
    const next = extendSchema(document, [seen('owner.age', 'unknown_field', 'UBIGINT')])
    const person = { name: 'VARCHAR', age: 'UBIGINT' }
    assert.deepEqual(judge(next, { id: 'VARCHAR', owner: person, guest: person }), [
      seen('guest.age', 'unknown_field', 'UBIGINT'),
    ])
  })

  test('allows what was seen beside what was allowed', () => {
    const next = extendSchema(document, [
      seen('id', 'type_converted', 'UBIGINT'),
      seen('owner', 'type_changed', 'VARCHAR'),
    ])
    assert.deepEqual(judge(next, { id: 'UBIGINT', owner: 'VARCHAR' }), [])
    assert.deepEqual(judge(next, { id: 'VARCHAR', owner: { name: 'BOOLEAN' } }), [
      seen('owner.name', 'type_converted', 'BOOLEAN'),
    ])
    const later = extendSchema(next, [seen('owner.age', 'unknown_field', 'UBIGINT')])
    assert.deepEqual(judge(later, { id: 'VARCHAR', owner: { age: 'UBIGINT' } }), [])
  })

  test('no longer requires what was missing or null', () => {
    const next = extendSchema(document, [
      seen('owner', 'missing_required', null),
      seen('id', 'null_required', 'NULL'),
    ])
    assert.deepEqual(judge(next, { id: 'NULL' }), [])
  })

  test('joins the types that one field was seen with', () => {
    const next = extendSchema(document, [
      seen('x', 'unknown_field', 'VARCHAR'),
      seen('x', 'unknown_field', '{"a":"UBIGINT"}'),
      seen('x', 'unknown_field', '{"b":"DOUBLE","a":"DOUBLE"}'),
    ])
    const rest = { id: 'VARCHAR', owner: 'JSON' }
    assert.deepEqual(judge(next, { ...rest, x: { a: 'DOUBLE', b: 'UBIGINT' } }), [])
    assert.deepEqual(judge(next, { ...rest, x: 'VARCHAR' }), [])
    assert.deepEqual(judge(next, { ...rest, x: { c: 'VARCHAR' } }), [
      seen('x.c', 'unknown_field', 'VARCHAR'),
    ])
  })

  test('makes a map of names that are not told', () => {
    const next = extendSchema(document, [
      seen('prices', 'unknown_field', '{"*":"DOUBLE"}'),
      seen('owner.*', 'unknown_field', 'VARCHAR'),
    ])
    const shape = {
      prices: { '2024': 'DOUBLE', z: 'UBIGINT' },
      owner: { '+15550100042': 'VARCHAR' },
    }
    assert.deepEqual(judge(next, { id: 'VARCHAR', ...shape }), [])
  })

  test('still does not know what only null was seen of', () => {
    const next = extendSchema(document, [seen('x', 'unknown_field', 'NULL')])
    assert.deepEqual(next, document)
  })

  test('knows nothing below what was told by its kind alone', () => {
    const next = extendSchema(document, [seen('x', 'unknown_field', 'OBJECT')])
    const rest = { id: 'VARCHAR', owner: 'JSON' }
    assert.deepEqual(judge(next, { ...rest, x: { a: 'VARCHAR' } }), [
      seen('x.a', 'unknown_field', 'VARCHAR'),
    ])
    const later = extendSchema(next, [seen('x.a', 'unknown_field', 'VARCHAR')])
    assert.deepEqual(judge(later, { ...rest, x: { a: 'VARCHAR' } }), [])
  })

  test('stays as it is for a rule of values, and for a way that leads nowhere', () => {
    const none = [
      seen('id', 'negative', 'BIGINT'),
      seen('no.such.thing', 'unknown_field', 'VARCHAR'),
      seen('', 'type_changed', 'VARCHAR'),
    ]
    assert.deepEqual(extendSchema(document, none), document)
  })

  test('lets the shape pass that it was made of, whatever that is', () => {
    const topics = [...builtInSeed().keys()]
    const types = ['VARCHAR', 'UBIGINT', 'BIGINT', 'DOUBLE', 'BOOLEAN', 'JSON', 'NULL']
    const names = ['id', 'data', 'participants', 'metrics', 'sessions', 'a', '+15550100042']
    const { shape } = fc.letrec((tie) => ({
      shape: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constantFrom(...types),
        fc.tuple(tie('shape')),
        fc.dictionary(fc.constantFrom(...names), tie('shape'), { minKeys: 1, maxKeys: 4 }),
      ),
    }))
    const seed = builtInSeed()
    fc.assert(
      fc.property(fc.constantFrom(...topics), shape, (topic, body) => {
        const before = seed.get(topic) ?? {}
        const first = judge(before, body)
        const left = judge(extendSchema(before, first), body)
        const isFinal = ({ path, typeSeen }: { path: string; typeSeen: string | null }) =>
          path === '' || typeSeen === 'NULL' || typeSeen === '["NULL"]'
        assert.deepEqual(
          left.filter((one) => !isFinal(one)),
          [],
        )
      }),
      { numRuns: 300 },
    )
  })

  test('is another version, with the next number', () => {
    const topic = 'v2.users.{id}.presence'
    const seeded = openSchemas(builtInSeed())
    const next = extendSchema(seeded.find(topic)?.document ?? {}, [
      seen('mood', 'unknown_field', 'VARCHAR'),
    ])
    const approved = openSchemas(builtInSeed(), [
      { topic, document: next, number: 2, origin: 'approved' },
    ])
    assert.match(approved.version(topic) ?? '', /^2\./)
    assert.notEqual(approved.version(topic)?.slice(2), seeded.version(topic)?.slice(2))
  })
})

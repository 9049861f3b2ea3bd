import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { JsonSchema } from '../../../src/schemas/json-schema.ts'
import { judgeShape } from '../../../src/schemas/judge.ts'
import { outlineOf } from '../../../src/schemas/outline.ts'

const person: JsonSchema = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    age: { type: 'integer' },
    weight: { type: 'number' },
    here: { type: 'boolean' },
    born: { type: 'string', format: 'date-time' },
    tags: { type: 'array', items: { type: 'string' } },
    home: { type: 'object', properties: { street: { type: 'string' } } },
    attributes: { type: 'object', additionalProperties: { type: 'string' } },
    context: { type: 'object' },
    anything: {},
  },
  required: ['id'],
}

function told(schema: JsonSchema, shape: unknown): string[] {
  return judgeShape(outlineOf(schema, {}), JSON.stringify(shape)).map(
    ({ path, rule, typeSeen }) => `${path} ${rule} ${typeSeen}`,
  )
}

const toldOfPerson = (shape: object) => told(person, { id: 'VARCHAR', ...shape })

suite('the judge of shapes', () => {
  test('finds nothing where all is as the schema says', () => {
    const shape = {
      age: 'UBIGINT',
      weight: 'BIGINT',
      here: 'BOOLEAN',
      born: 'VARCHAR',
      tags: ['VARCHAR'],
      home: { street: 'VARCHAR' },
      attributes: { colour: 'VARCHAR' },
      context: { whatever: ['DOUBLE'] },
      anything: { at: 'BOOLEAN' },
    }
    assert.deepEqual(toldOfPerson(shape), [])
  })

  test('tells a field that the schema does not know once, with all in it', () => {
    assert.deepEqual(toldOfPerson({ pet: { name: 'VARCHAR', legs: ['UBIGINT'] } }), [
      'pet unknown_field {"name":"VARCHAR","legs":["UBIGINT"]}',
    ])
    assert.deepEqual(toldOfPerson({ home: { street: 'VARCHAR', number: 'UBIGINT' } }), [
      'home.number unknown_field UBIGINT',
    ])
  })

  test('tells apart what can be read as the type of the schema and what cannot', () => {
    const shape = { age: 'VARCHAR', weight: 'BOOLEAN', here: 'UBIGINT', born: 'UBIGINT' }
    assert.deepEqual(toldOfPerson(shape), [
      'age type_converted VARCHAR',
      'weight type_changed BOOLEAN',
      'here type_changed UBIGINT',
      'born type_converted UBIGINT',
    ])
    assert.deepEqual(toldOfPerson({ tags: 'VARCHAR', home: ['VARCHAR'] }), [
      'tags type_changed VARCHAR',
      'home type_changed ["VARCHAR"]',
    ])
  })

  test('looks into lists and maps', () => {
    assert.deepEqual(toldOfPerson({ tags: [{ a: 'VARCHAR' }], attributes: { x: ['NULL'] } }), [
      'tags[] type_changed {"a":"VARCHAR"}',
      'attributes.x type_changed ["NULL"]',
    ])
  })

  test('takes null for a value that is not there, and tells where one must be', () => {
    assert.deepEqual(toldOfPerson({ age: 'NULL', tags: ['NULL'], home: 'NULL' }), [])
    assert.deepEqual(told(person, { id: 'NULL' }), ['id null_required NULL'])
    assert.deepEqual(told(person, {}), ['id missing_required null'])
    const nullable = { properties: { id: { type: ['string', 'null'] } }, required: ['id'] }
    assert.deepEqual(told(nullable, { id: 'NULL' }), [])
  })

  test('says nothing of an object that may be empty', () => {
    assert.deepEqual(toldOfPerson({ home: 'JSON', attributes: 'JSON' }), [])
    assert.deepEqual(toldOfPerson({ age: 'JSON' }), ['age type_changed JSON'])
  })

  test('never tells a name that may be a person', () => {
    const shape = {
      '+15550100042': 'VARCHAR',
      'jane@example.com': 'VARCHAR',
      'Jane Doe': 'VARCHAR',
    }
    assert.deepEqual(toldOfPerson({ ...shape, nested: shape }), [
      '* unknown_field VARCHAR',
      'nested unknown_field {"*":"VARCHAR"}',
    ])
  })

  test('tells a body that is no object', () => {
    assert.deepEqual(told(person, ['NULL']), [' type_changed ["NULL"]'])
    assert.deepEqual(told(person, 'VARCHAR'), [' type_changed VARCHAR'])
  })

  test('tells of as many places as fit, and that there are more', () => {
    const many = Object.fromEntries(
      Array.from({ length: 500 }, (_, at) => [`f${at}`, 'VARCHAR'] as const),
    )
    const found = toldOfPerson(many)
    assert.equal(found.length, 64)
    assert.equal(found.at(-1), ' further_deviations null')
  })

  test('tells a long shape by its kind alone', () => {
    const many = Object.fromEntries(
      Array.from({ length: 500 }, (_, at) => [`f${at}`, 'VARCHAR'] as const),
    )
    assert.deepEqual(toldOfPerson({ pet: many, pets: [many] }), [
      'pet unknown_field OBJECT',
      'pets unknown_field ARRAY',
    ])
  })
})

suite('an outline', () => {
  test('follows references, also of a schema that holds itself', () => {
    const definitions = {
      Node: { properties: { next: { $ref: '#/definitions/Node' }, value: { type: 'string' } } },
    }
    const outline = outlineOf({ $ref: '#/definitions/Node' }, definitions)
    const shape = { next: { next: { value: 'BOOLEAN[]' }, other: 'NULL' }, value: 'VARCHAR' }
    assert.deepEqual(judgeShape(outline, JSON.stringify(shape)), [
      { path: 'next.next.value', rule: 'type_changed', typeSeen: 'JSON' },
      { path: 'next.other', rule: 'unknown_field', typeSeen: 'NULL' },
    ])
  })

  test('takes anything where a reference leads nowhere or to itself', () => {
    const definitions = { Loop: { $ref: '#/definitions/Loop' } }
    const outline = outlineOf(
      { properties: { a: { $ref: '#/definitions/Loop' }, b: { $ref: '#/definitions/None' } } },
      definitions,
    )
    const shape = { a: { x: 'VARCHAR' }, b: ['UBIGINT'] }
    assert.deepEqual(judgeShape(outline, JSON.stringify(shape)), [])
  })

  test('takes what any alternative allows, and requires what all of them do', () => {
    const schema: JsonSchema = {
      anyOf: [
        { properties: { a: { type: 'string' }, c: { type: 'string' } }, required: ['a', 'c'] },
        { properties: { b: { type: 'integer' }, c: { type: 'integer' } }, required: ['c'] },
      ],
    }
    assert.deepEqual(told(schema, { b: 'UBIGINT', c: 'VARCHAR' }), [])
    assert.deepEqual(told(schema, { a: 'VARCHAR', c: 'UBIGINT' }), [])
    assert.deepEqual(told(schema, { d: 'VARCHAR' }), [
      'c missing_required null',
      'd unknown_field VARCHAR',
    ])
  })

  test('requires what any of the parts of a whole does', () => {
    const schema: JsonSchema = {
      allOf: [{ properties: { a: {} }, required: ['a'] }],
      properties: { b: {} },
      required: ['b'],
    }
    assert.deepEqual(told(schema, {}), ['b missing_required null', 'a missing_required null'])
    assert.deepEqual(told(schema, { a: 'VARCHAR', b: 'VARCHAR' }), [])
  })
})

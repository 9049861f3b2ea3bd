import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import {
  approvalDetail,
  conflictsOf,
  inOrder,
  readApproval,
  readSchemaFile,
} from '../../../src/schemas/approval.ts'
import { readAvailableTopics } from '../../../src/schemas/available-topics.ts'
import { normaliseSchema } from '../../../src/schemas/normalise.ts'
import type { Approval } from '../../../src/schemas/registry.ts'
import { openSchemas } from '../../../src/schemas/registry.ts'
import { builtInSeed } from '../../../src/schemas/seed/seed.ts'

suite('a schema of somebody else', () => {
  test('keeps what is said of shapes, and nothing else', () => {
    const foreign = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'A thing',
      type: 'object',
      properties: {
        id: { type: 'string', description: 'Of the thing.', minLength: 3 },
        at: { type: 'string', format: 'date-time', nullable: true },
        any: { type: 'any' },
        kind: { enum: ['A', 'B'] },
      },
      required: ['id', 7],
      additionalProperties: false,
    }
    assert.deepEqual(normaliseSchema(foreign), {
      type: 'object',
      properties: {
        id: { type: 'string' },
        at: { type: ['string', 'null'], format: 'date-time' },
        any: {},
        kind: { enum: ['A', 'B'] },
      },
      required: ['id'],
      additionalProperties: false,
    })
  })

  test('brings along what it refers to by name, by id or as itself', () => {
    const foreign = {
      type: 'object',
      properties: {
        first: {
          type: 'object',
          id: 'urn:jsonschema:x:Inner',
          properties: { a: { type: 'string' } },
        },
        second: { $ref: 'urn:jsonschema:x:Inner' },
        third: { $ref: '#/$defs/Other' },
        self: { $ref: '#' },
        lost: { $ref: 'https://example.com/elsewhere' },
      },
      $defs: { Other: { type: 'integer' }, Unused: { type: 'string' } },
    }
    const document = normaliseSchema(foreign) ?? {}
    assert.deepEqual(Object.keys(document.definitions ?? {}).sort(), [
      '#',
      'Other',
      'urn:jsonschema:x:Inner',
    ])
    const topic = 'generic:thing'
    const schemas = openSchemas(new Map([[topic, document]]))
    const shape = '{"second":{"a":"UBIGINT"},"third":"VARCHAR","self":{"third":"BOOLEAN"}}'
    const subject = { dialect: 'generic', topic: null, eventType: 'thing' }
    assert.deepEqual(
      schemas.judge(subject, shape).map(({ path, rule }) => `${path} ${rule}`),
      ['second.a type_converted', 'third type_converted', 'self.third type_changed'],
    )
  })

  test('of the seed stays as it is', () => {
    for (const [topic, document] of builtInSeed())
      assert.deepEqual(normaliseSchema(JSON.parse(JSON.stringify(document))), document, topic)
  })

  test('of the seed is a JSON Schema', () => {
    const ajv = new Ajv({ strict: false, validateFormats: false })
    for (const [topic, document] of builtInSeed()) assert.ok(ajv.compile(document), topic)
  })

  test('may be any JSON, and makes nothing throw', () => {
    const keywords = [
      'type',
      'properties',
      'items',
      '$ref',
      '$defs',
      'allOf',
      'required',
      'id',
      '#',
    ]
    const { schema } = fc.letrec((tie) => ({
      schema: fc.oneof(
        { depthSize: 'medium' },
        fc.constantFrom<unknown>(...keywords, '#/$defs/id', 'string', 'object', 3, null, true),
        fc.array(tie('schema'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...keywords), tie('schema'), { maxKeys: 5 }),
      ),
    }))
    fc.assert(
      fc.property(schema, fc.json(), (foreign, shape) => {
        const document = normaliseSchema(JSON.parse(JSON.stringify(foreign)))
        if (document === null) return
        const schemas = openSchemas(new Map([['generic:x', document]]))
        schemas.judge({ dialect: 'generic', topic: null, eventType: 'x' }, shape)
        assert.match(schemas.version('generic:x') ?? '', /^1\.[0-9a-f]{12}$/)
      }),
    )
  })
})

suite('what an organisation tells of its topics', () => {
  test('is a schema for each topic that comes with one', () => {
    const answer = {
      entities: [
        { id: 'v2.users.{id}.presence', schema: { type: 'object', properties: { a: {} } } },
        { id: 'v2.users.{id}.activity', description: 'without a schema' },
        { id: 'v2.users.{id}.station', schema: {} },
        'nonsense',
      ],
    }
    assert.deepEqual(
      [...(readAvailableTopics(answer) ?? [])],
      [['v2.users.{id}.presence', { type: 'object', properties: { a: {} } }]],
    )
    assert.equal(readAvailableTopics({ message: 'not found' }), null)
  })
})

suite('an approved schema', () => {
  const approval: Approval = {
    topic: 'v2.users.{id}.presence',
    document: { type: 'object', properties: { mood: { type: 'string' } } },
    number: 2,
    origin: 'approved',
  }
  const note = (one: Approval) => JSON.stringify(approvalDetail(one, 'ana'))

  test('comes back from its note', () => {
    assert.deepEqual(readApproval(note(approval)), approval)
    const [official] = openSchemas(builtInSeed()).all.filter(({ topic }) =>
      topic.endsWith('.calls'),
    )
    assert.ok(official !== undefined)
    const { topic, document } = official
    const large: Approval = { topic, document, number: 7, origin: 'approved' }
    assert.deepEqual(readApproval(note(large)), large)
  })

  test('is none where a note says something else', () => {
    const none = ['', '{}', 'null', '{"topic":"","version":2,"schema":{}}']
    for (const text of [...none, '{"topic":"a","version":"x","schema":{}}'])
      assert.equal(readApproval(text), null, text)
  })

  test('stands after a file of the same number, and before one of a higher', () => {
    const file = (number: number): Approval => {
      const text = JSON.stringify({ topic: approval.topic, version: number, schema: {} })
      return readSchemaFile(text) ?? approval
    }
    const ordered = inOrder([file(3), file(2)], [approval])
    assert.deepEqual(
      ordered.map(({ number, origin }) => `${number} ${origin}`),
      ['2 file', '2 approved', '3 file'],
    )
    const { topic } = approval
    assert.deepEqual(conflictsOf(ordered), [{ topic, number: 2 }])
    assert.deepEqual(conflictsOf([approval, { ...approval, origin: 'file' }]), [])
  })
})

import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { typeOfTemplate } from '../../../src/event/event-types.ts'
import { type Approval, openSchemas } from '../../../src/schemas/registry.ts'
import { builtInSeed } from '../../../src/schemas/seed/seed.ts'

const presence = 'v2.users.{id}.presence'
const subject = { dialect: 'notification', eventType: 'user.presence' }
const concrete = 'v2.users.e40f28ea-fa86-493f-a5b8-d559c8533c96.presence'
const approval = (number: number, name: string): Approval => ({
  topic: presence,
  document: { type: 'object', properties: { [name]: { type: 'string' } } },
  number,
  origin: 'approved',
})

suite('the registry', () => {
  test('judges a concrete topic by its template', () => {
    const schemas = openSchemas(builtInSeed())
    const judged = schemas.judge({ ...subject, topic: concrete }, '{"primary":"UBIGINT"}')
    assert.deepEqual(judged, [{ path: 'primary', rule: 'type_changed', typeSeen: 'UBIGINT' }])
    assert.deepEqual(schemas.judge({ ...subject, topic: presence }, '{"primary":"BOOLEAN"}'), [])
  })

  test('judges a dialect without topics by its event type, and no other dialect by that', () => {
    const schemas = openSchemas(builtInSeed())
    const shape = '{"timestamp":"VARCHAR","eventType":"VARCHAR","data":{"x":"VARCHAR"}}'
    const guide = { topic: null, eventType: 'agentLogin' }
    assert.deepEqual(schemas.judge({ ...guide, dialect: 'analytics-notification' }, shape), [
      { path: 'data.agentId', rule: 'missing_required', typeSeen: null },
      { path: 'data.x', rule: 'unknown_field', typeSeen: 'VARCHAR' },
    ])
    assert.deepEqual(schemas.judge({ ...guide, dialect: 'generic' }, shape), [])
  })

  test('finds nothing where no schema is known, and has no version to tell', () => {
    const schemas = openSchemas(builtInSeed())
    const topic = 'v2.new.e40f28ea-fa86-493f-a5b8-d559c8533c96.things'
    assert.deepEqual(schemas.judge({ ...subject, topic }, '{"a":"VARCHAR"}'), [])
    assert.equal(schemas.version('v2.new.{id}.things'), null)
    assert.equal(schemas.isKnown('v2.new.{id}.things', 'a'), false)
  })

  test('knows the fields that a schema names, those of maps, and no others', () => {
    const schemas = openSchemas(builtInSeed())
    const known = (path: string) => schemas.isKnown('conversation.detail', path)
    assert.ok(known('participants[].sessions[].metrics[].value'))
    assert.ok(known('participants[].attributes.anything'))
    assert.ok(known('divisionIds[]'))
    for (const path of ['participants.sessions', 'other', 'divisionIds[].x', '__proto__', '*'])
      assert.equal(known(path), false, path)
    assert.equal(schemas.isKnown('v2.detail.events.conversation.{id}.acw', '__proto__'), false)
  })

  test('holds the last approval, whose version has a number and the hash of what it says', () => {
    const seeded = openSchemas(builtInSeed())
    const approved = openSchemas(builtInSeed(), [approval(2, 'a'), approval(3, 'b')])
    assert.match(seeded.version(presence) ?? '', /^1\.[0-9a-f]{12}$/)
    assert.match(approved.version(presence) ?? '', /^3\.[0-9a-f]{12}$/)
    assert.equal(approved.find(presence)?.origin, 'approved')
    assert.deepEqual(approved.judge({ ...subject, topic: concrete }, '{"b":"VARCHAR"}'), [])
    assert.notEqual(approved.digest, seeded.digest)
  })

  test('has one digest for the same schemas, however they came about', () => {
    const turned: Approval = {
      ...approval(2, 'a'),
      document: { properties: { a: { type: 'string' } }, type: 'object' },
    }
    const one = openSchemas(builtInSeed(), [approval(2, 'a')])
    assert.equal(openSchemas(builtInSeed(), [turned]).digest, one.digest)
    const other = openSchemas(builtInSeed(), [approval(2, 'b')])
    assert.notEqual(other.digest, one.digest)
  })

  test('judges alike when asked again, and takes any text for a shape', () => {
    const schemas = openSchemas(builtInSeed())
    const topics = schemas.all.map(({ topic }) => topic)
    const shape = fc.oneof(fc.json({ maxDepth: 6 }), fc.string(), fc.constant('['.repeat(5000)))
    fc.assert(
      fc.property(fc.constantFrom(...topics), shape, (topic, text) => {
        const asked = { dialect: 'analytics-notification', topic: null, eventType: topic }
        const fresh = openSchemas(builtInSeed()).judge(asked, text)
        assert.deepEqual(schemas.judge(asked, text), fresh)
        assert.deepEqual(schemas.judge(asked, text), fresh)
      }),
      { numRuns: 25 },
    )
  })

  test('judges what is nested deeper than any stack', () => {
    const schemas = openSchemas(
      new Map([
        [
          presence,
          {
            $ref: '#/definitions/Node',
            definitions: { Node: { properties: { a: { $ref: '#/definitions/Node' } } } },
          },
        ],
      ]),
    )
    const deep = `${'{"a":'.repeat(100_000)}"VARCHAR"${'}'.repeat(100_000)}`
    assert.deepEqual(schemas.judge({ ...subject, topic: presence }, deep), [])
  })
})

suite('the seed', () => {
  test('names official topics, and event types of the dialects without topics', () => {
    const topics = [...builtInSeed().keys()].filter((topic) => topic.startsWith('v2.'))
    assert.deepEqual(
      topics.filter((topic) => !typeOfTemplate.has(topic)),
      [],
    )
    assert.ok(topics.length > 80)
    assert.equal(builtInSeed().size - topics.length, 8)
  })

  test('stands alone: every reference leads somewhere', () => {
    for (const [topic, document] of builtInSeed()) {
      const names = Object.keys(document.definitions ?? {})
      const refs = [...JSON.stringify(document).matchAll(/"#\/definitions\/(\w+)"/g)]
      assert.deepEqual(
        refs.map(([, name]) => name ?? '').filter((name) => !names.includes(name)),
        [],
        topic,
      )
    }
  })
})

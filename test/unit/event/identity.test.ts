import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { frame } from '../../../src/event/frame.ts'
import { derivedId, identityContent } from '../../../src/event/identity.ts'
import type { ObjectView } from '../../../src/event/json-view.ts'
import { recognise } from '../../../src/event/recognise.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

function recognised(text: string) {
  const slice = Buffer.from(text)
  const read = (value: ObjectView) => recognise(value, slice, { eventTypes: new Set() })
  const [element] = frame(slice, read).elements
  assert.ok(element?.kind === 'object')
  const event = element.value
  return { event, content: identityContent(event, slice)?.toString() }
}

describe('identity by content', () => {
  it('is topic and body of a notification', () => {
    const { event, content } = recognised(
      '{"topicName":"v2.routing.queues.q.users","eventBody":{"b":1,"a":2},' +
        '"metadata":{"CorrelationId":"c"}}',
    )
    assert.equal(content, '{"a":2,"b":1}')
    assert.equal(event.eventId, sha256('v2.routing.queues.q.users\n{"a":2,"b":1}'))
  })

  it('has the timestamp of a notification whose body has no time', () => {
    const { content } = recognised(
      '{"topicName":"v2.a","eventBody":{"a":2},"timestamp":"2026-01-01T00:00:05.000Z"}',
    )
    assert.equal(content, '{"a":2},"2026-01-01T00:00:05.000Z"')
  })

  it('leaves the timestamp out where the body has a time', () => {
    const { content } = recognised(
      '{"topicName":"v2.a","eventBody":{"eventTime":1},"timestamp":"2026-01-01T00:00:05.000Z"}',
    )
    assert.equal(content, '{"eventTime":1}')
  })

  it('is everything where a notification has no body to speak of', () => {
    const { content } = recognised('{"topicName":"v2.a","eventBody":null,"metadata":{"x":1}}')
    assert.equal(content, '{"eventBody":null,"metadata":{"x":1},"topicName":"v2.a"}')
  })

  it('is everything in a dialect without a topic', () => {
    const { event } = recognised('{"z":1, "a":[1.0]}')
    assert.equal(event.eventId, sha256('\n{"a":[1.0],"z":1}'))
  })

  it('counts bytes that are no JSON as they are', () => {
    const event = { dialect: 'unknown', topic: null, eventTimeSource: 'received_at' } as const
    assert.equal(identityContent(event, Buffer.from('{')), null)
    assert.equal(derivedId(event, Buffer.from('{')), sha256('\n{'))
  })
})

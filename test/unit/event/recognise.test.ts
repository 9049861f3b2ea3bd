import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { eventTypes } from '../../../src/event/event-types.ts'
import { frame } from '../../../src/event/frame.ts'
import { recognise } from '../../../src/event/recognise.ts'
import { jsonObjects } from './arbitraries.ts'

const options = { eventTypes: new Set<string>() }

function recognised(text: string, compositeIdentity = false) {
  const [element] = frame(Buffer.from(text), (value, slice) =>
    recognise(value, slice, { ...options, compositeIdentity }),
  ).elements
  assert.ok(element?.kind === 'object')
  return element.value
}

describe('recognising any object', () => {
  it('never throws, and gives what an envelope promises', () => {
    fc.assert(
      fc.property(jsonObjects, fc.boolean(), (object, compositeIdentity) => {
        const found = recognised(JSON.stringify(object), compositeIdentity)
        assert.ok(eventTypes.has(found.eventType))
        for (const text of [found.eventId, found.orgId, found.topic, found.conversationId]) {
          if (text === null) continue
          assert.ok(text.length > 0 && text.length <= 512 && text.isWellFormed())
        }
        assert.equal(found.eventTimeSource === 'received_at', found.eventTime === null)
        if (found.eventTime !== null) assert.ok(Number.isSafeInteger(found.eventTime))
        if (found.timeless) assert.match(found.eventId, /^[0-9a-f]{64}$/)
      }),
      { numRuns: 2000 },
    )
  })

  it('does not depend on how the object is written', () => {
    fc.assert(
      fc.property(jsonObjects, (object) => {
        const text = JSON.stringify(object)
        assert.deepEqual(recognised(JSON.stringify(JSON.parse(text), null, 2)), recognised(text))
      }),
    )
  })

  it('reads 100,000 levels of nesting where it expects something else', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const found = recognised(
      `{"topicName":"v2.users.x.presence","eventBody":${deep},"timestamp":${deep}}`,
    )
    assert.equal(found.eventType, 'user.presence')
    assert.equal(found.timeless, true)
  })
})

describe('the order of dialects', () => {
  const everything = {
    ...{ 'detail-type': 'v2.users.{id}.presence', detail: {} },
    ...{ topicName: 'v2.users.x.presence', eventBody: {} },
    ...{ notificationId: 'n', eventType: 'interaction', data: {} },
    ...{ messageId: 'm', contact: {} },
    ...{ conversationId: 'c', conversationStart: '2021-04-01T12:27:53.386Z', participants: [] },
  }

  it('is from the most telling shape to the least', () => {
    const left: Record<string, unknown> = { ...everything }
    const found = []
    for (const member of ['detail', 'eventBody', 'data', 'messageId', 'participants']) {
      found.push(recognised(JSON.stringify(left)).dialect)
      delete left[member]
      if (member === 'data') delete left['notificationId']
      if (member === 'messageId') delete left['contact']
    }
    found.push(recognised(JSON.stringify(left)).dialect)
    assert.deepEqual(found, [
      ...['eventbridge', 'notification', 'analytics-notification', 'event-subscription'],
      ...['conversation-detail', 'unknown'],
    ])
  })
})

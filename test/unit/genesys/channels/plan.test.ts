import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { hasCode } from '../../../../src/core/errors.ts'
import { messageOf } from '../../../../src/genesys/channels/messages.ts'
import {
  MOST_PLANNED,
  planChannels,
  TOPICS_A_CHANNEL,
  topicsOf,
} from '../../../../src/genesys/channels/plan.ts'

const ids = (count: number) => Array.from({ length: count }, (_, index) => `id-${index}`)

suite('topics', () => {
  test('are those of each user and queue, once', () => {
    const topics = [
      'v2.users.{id}.presence',
      'v2.routing.queues.{id}.users',
      'v2.users.id-1.presence',
    ]
    assert.deepEqual(topicsOf({ users: ids(2), queues: ['q'], topics }), [
      'v2.users.id-0.presence',
      'v2.users.id-1.presence',
      'v2.routing.queues.q.users',
    ])
  })

  test('fill channels of a thousand', () => {
    const planned = planChannels('prod', ids(2500))
    assert.deepEqual(
      planned.map((topics) => topics.length),
      [1000, 1000, 500],
    )
    assert.deepEqual(planned.flat(), ids(2500))
  })

  test('stay in their channel when others come and go', () => {
    const before = planChannels('prod', ids(2500))
    const after = planChannels('prod', [...ids(2500).filter((id) => id !== 'id-7'), 'new'], before)
    assert.deepEqual(after[0], [...(before[0] ?? []).filter((id) => id !== 'id-7'), 'new'])
    assert.deepEqual(after.slice(1), before.slice(1))
  })

  test('are refused where they are more than a client can have', () => {
    const most = MOST_PLANNED * TOPICS_A_CHANNEL
    assert.equal(planChannels('prod', ids(most)).length, MOST_PLANNED)
    assert.throws(
      () => planChannels('prod', ids(most + 1)),
      (error) => hasCode(error, 'INL_GEN_TOPICS') && /19001 topics/.test(String(error)),
    )
  })
})

suite('a message of a channel', () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ['alive', { topicName: 'channel.metadata', eventBody: { message: 'WebSocket Heartbeat' } }],
    ['alive', { topicName: 'channel.metadata', eventBody: { message: 'pong' } }],
    ['alive', { result: '200', status: 'subscribed' }],
    ['alive', { result: '400', status: 'failure', message: 'no' }],
    ['gone', { result: '404', message: 'no such channel' }],
    ['gone', { result: 404 }],
    ['closing', { topicName: 'v2.system.socket_closing', version: '2', eventBody: {} }],
    ['gone', { topicName: 'v2.system.no_longer_subscribed.a', eventBody: {} }],
    ['gone', { topicName: 'v2.system.a.b', eventBody: { systemTopicType: 'token_revoked' } }],
    [
      'alive',
      { topicName: 'v2.system.a.b', eventBody: { systemTopicType: 'subscription_changed' } },
    ],
    ['event', { topicName: 'v2.users.a.presence', eventBody: {} }],
    ['event', { something: 'else' }],
    ['event', []],
    ['event', 'text'],
  ]
  for (const [kind, message] of cases)
    test(`${JSON.stringify(message)} is ${kind}`, () =>
      assert.equal(messageOf(Buffer.from(JSON.stringify(message))), kind))

  test('that is no JSON counts as an event, which the intake then keeps whole', () =>
    assert.equal(messageOf(Buffer.from([0xff, 0x7b])), 'event'))
})

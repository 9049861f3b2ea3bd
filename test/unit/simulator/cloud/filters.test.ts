import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../../../src/core/random.ts'
import type { JsonObject } from '../../../../src/event/json.ts'
import { tellConversation } from '../../../../src/simulator/centre/conversation.ts'
import type { Truth } from '../../../../src/simulator/centre/truth.ts'
import { makeWorld } from '../../../../src/simulator/centre/world.ts'
import { filterOf } from '../../../../src/simulator/cloud/filters.ts'
import { detailRecord } from '../../../../src/simulator/render/conversation-detail.ts'

const random = seededRandom(31)
const world = makeWorld(random)
const told = Array.from({ length: 300 }, () => tellConversation({ world, random }, { startAt: 0 }))
const records = told.map((one) => ({ truth: one.truth, record: detailRecord(one, 'home') }))

function found(body: JsonObject): Truth[] {
  const filter = filterOf(body)
  assert.ok(typeof filter !== 'string', String(filter))
  return records.filter(({ record }) => filter(record)).map(({ truth }) => truth)
}

const is = (dimension: string, value: string) => ({ type: 'dimension', dimension, value })
const segments = (...predicates: JsonObject[]) => ({
  segmentFilters: [{ type: 'and', predicates }],
})
const truths = (isSo: (truth: Truth) => boolean) => records.map(({ truth }) => truth).filter(isSo)

function holds(body: JsonObject, isSo: (truth: Truth) => boolean): void {
  const wanted = truths(isSo)
  assert.ok(wanted.length > 0 && wanted.length < records.length)
  assert.deepEqual(found(body), wanted)
}

test('a query without filters is about every conversation', () => {
  assert.equal(found({}).length, records.length)
  assert.equal(found({ segmentFilters: [], conversationFilters: [] }).length, records.length)
})

test('segments are found by medium, queue, user, direction and conversation', () => {
  const [truth] = truths(({ queueIds, userIds }) => queueIds.length > 0 && userIds.length > 0)
  assert.ok(truth)
  const { conversationId, queueIds, userIds } = truth
  const [queueId = '', userId = ''] = [queueIds[0], userIds[0]]
  holds(segments(is('mediaType', 'VOICE')), ({ mediaType }) => mediaType === 'voice')
  holds(segments(is('queueId', queueId)), (one) => one.queueIds.includes(queueId))
  holds(segments(is('userId', userId)), (one) => one.userIds.includes(userId))
  holds(segments(is('direction', 'outbound')), ({ direction }) => direction === 'outbound')
  holds(segments(is('conversationId', conversationId)), (one) => one === truth)
})

test('what all predicates name is in one segment, what any names in any', () => {
  const [agent, queue] = [is('purpose', 'agent'), is('segmentType', 'delay')]
  assert.deepEqual(found(segments(agent, queue)), [], 'no agent waits')
  const any = { segmentFilters: [{ type: 'or', predicates: [agent, queue] }] }
  holds(any, ({ legs, visits }) => legs.length + visits.length > 0)
  const clauses = [{ type: 'or', predicates: [is('mediaType', 'chat'), is('mediaType', 'email')] }]
  holds({ segmentFilters: [{ type: 'and', clauses }] }, ({ mediaType }) =>
    ['chat', 'email'].includes(mediaType),
  )
})

test('conversations are found by their own facts', () => {
  const of = (...predicates: JsonObject[]) => ({
    conversationFilters: [{ type: 'and', predicates }],
  })
  holds(of(is('originatingDirection', 'inbound')), ({ direction }) => direction === 'inbound')
  assert.equal(found(of(is('divisionId', 'home'))).length, records.length)
  const ended = { type: 'dimension', dimension: 'conversationEnd' }
  assert.equal(found(of({ ...ended, operator: 'exists' })).length, records.length)
  assert.deepEqual(found(of({ ...ended, operator: 'notExists' })), [])
  const [{ truth } = assert.fail()] = records
  const both = {
    ...of(is('conversationId', truth.conversationId)),
    ...segments(is('direction', truth.direction)),
  }
  assert.deepEqual(found(both), [truth])
})

test('nothing was evaluated, so filters of evaluations find nothing', () => {
  const predicates = [{ ...is('evaluationId', ''), operator: 'exists', value: null }]
  assert.deepEqual(found({ evaluationFilters: [{ type: 'and', predicates }] }), [])
})

test('what is not known is refused, by its name', () => {
  const refused = (body: JsonObject, why: RegExp) => assert.match(String(filterOf(body)), why)
  refused(segments(is('colour', 'red')), /segmentFilters: "colour" is not one of the dimensions/)
  refused(segments({ ...is('queueId', 'a'), operator: 'like' }), /"like" is not a known operator/)
  refused(segments({ type: 'metric', metric: 'tTalk' }), /type "metric" are not known/)
  refused(segments({ type: 'dimension', dimension: 'queueId' }), /queueId needs a value/)
  refused({ segmentFilters: {} }, /segmentFilters must be a list/)
  refused({ conversationFilters: [{ type: 'nor' }] }, /"nor" is no type of a filter/)
  refused({ evaluationFilters: [{ type: 'and' }] }, /needs predicates or clauses/)
})

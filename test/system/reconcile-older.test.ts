/** What began before the interval that is compared, in real processes. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { realMachine } from '../../src/app/machine.ts'
import type { Conversation } from '../../src/simulator/centre/conversation.ts'
import { openScene, type Scene } from './reconcile-scene.ts'

const HOUR = 3_600_000
let scene: Scene
before(async () => {
  scene = await openScene()
})
after(() => scene.dispose())

const idOf = ({ truth }: Conversation) => truth.conversationId

test('what goes on in the lake, and what a dead letter names, is asked for by id', async () => {
  const { cloud } = scene
  const startAt = realMachine.clock.now() - 30 * HOUR
  const filled = cloud.fill(4, startAt)
  const [endless = assert.fail(), whole = assert.fail(), torn = assert.fail()] = filled
  const again = filled[3] ?? assert.fail()
  await scene.tell(endless, ({ type }) => type !== 'customer.end')
  await scene.tell(whole)
  await scene.tell(torn, ({ type }) => type !== 'customer.start')
  await scene.tell(again)
  // The second is a copy of what also came whole.
  for (const one of [torn, again])
    await scene.post(`{"detail":{"eventBody":{"conversationId": "${idOf(one)}","mediaTy`)
  await scene.settle()
  const first = await scene.reconcile('20h')
  const found = [endless, torn].map((one) => ({
    conversationId: idOf(one),
    finding: 'incomplete',
  }))
  const byId = (one: { conversationId: string }, other: { conversationId: string }) =>
    one.conversationId < other.conversationId ? -1 : 1
  assert.deepEqual(first.lacking.toSorted(byId), found.toSorted(byId))
  assert.deepEqual([first.askedById, first.expected, first.backFilled], [3, 3, 2])
  await scene.settle()
  const second = await scene.reconcile('20h')
  assert.deepEqual([second.askedById, second.expected, second.backFilled], [1, 1, 0])
  const ends = await scene.rows(`SELECT conversation_id, epoch_ms(end_time) AS ended, told_by
    FROM gold.conversations ORDER BY conversation_id`)
  const truth = filled.map((one) => ({
    conversation_id: idOf(one),
    ended: one.truth.end,
    told_by: one === whole || one === again ? 'events' : 'details',
  }))
  const byKey = (one: { conversation_id: string }, other: { conversation_id: string }) =>
    one.conversation_id < other.conversation_id ? -1 : 1
  assert.deepEqual(ends, truth.toSorted(byKey))
})

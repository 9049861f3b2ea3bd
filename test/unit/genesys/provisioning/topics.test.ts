import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lookUpTopics } from '../../../../src/genesys/provisioning/topics.ts'
import { openTestClient, startTestCloud } from '../../../support/cloud.ts'

const user = 'v2.users.32aa07aa-db1b-4987-abd0-9483601ec29d.presence'
const template = 'v2.users.{id}.presence'

test('topics are compared with those that the organisation has', async (t) => {
  const cloud = await startTestCloud()
  t.after(() => cloud.stop())
  const client = openTestClient(cloud)
  const look = (...eventFilter: string[]) =>
    lookUpTopics(client, { kind: 'eventbridge', fields: { eventFilter } })
  assert.deepEqual(await look(template, user), { unknown: [], trouble: null })
  const wrong = ['v2.users.{id}.presences', 'v2.users.presence', `${template}.more`, '']
  assert.deepEqual(await look(template, ...wrong), { unknown: wrong, trouble: null })
  const webhook = { kind: 'event-subscription', fields: { events: ['call.event'] } } as const
  assert.deepEqual(await lookUpTopics(client, webhook), { unknown: [], trouble: null })
})

test('where the platform does not tell, why is told, and nothing is taken for wrong', async (t) => {
  const cloud = await startTestCloud()
  t.after(() => cloud.stop())
  const client = openTestClient(cloud)
  // With a token at hand, the next call is that for topics.
  await client.call({ method: 'GET', path: '/api/v2/integrations' })
  cloud.faults.failing = { status: 403, times: 1 }
  const fields = { eventFilter: ['v2.nothing'] }
  const { unknown, trouble } = await lookUpTopics(client, { kind: 'eventbridge', fields })
  assert.deepEqual(unknown, [])
  assert.match(trouble ?? '', /availabletopics/)
})

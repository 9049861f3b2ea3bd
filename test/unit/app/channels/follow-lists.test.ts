/** Who is listened to as `all`: as a simulated Genesys Cloud lists them. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { FollowLists } from '../../../../src/app/channels/follow-lists.ts'
import { type ChannelsConfig, channelsSchema } from '../../../../src/app/config/channels.ts'
import { systemClock } from '../../../../src/core/clock.ts'
import { seededRandom } from '../../../../src/core/random.ts'
import type { EventFields, EventName } from '../../../../src/observe/events.ts'
import { openTestClient, startTestCloud, type TestCloud } from '../../../support/cloud.ts'

const MOST = 19_000
const never = new AbortController().signal
let cloud: TestCloud
let planned: (readonly (readonly string[])[])[]
let told: [EventName, EventFields][]

beforeEach(async () => {
  cloud = await startTestCloud()
  planned = []
  told = []
})
afterEach(() => cloud.stop())

const presence = 'v2.users.{id}.presence'
const observations = 'v2.analytics.queues.{id}.observations'
const one = (more: object = {}): ChannelsConfig =>
  channelsSchema.parse({
    ...{ org: 'prod', users: 'all', queues: 'all', topics: [presence, observations] },
    ...more,
  })

function open(wanted: ChannelsConfig, sleep: () => Promise<void> = assert.fail) {
  const client = openTestClient({ ...cloud, tries: 1 })
  const clock = { ...systemClock, sleep }
  const observer = (event: EventName, fields: EventFields = {}) => void told.push([event, fields])
  const group = { change: (topics: readonly (readonly string[])[]) => void planned.push(topics) }
  return new FollowLists({ clock, random: seededRandom(4), observer, client, group }, wanted)
}

const users = () => cloud.world.agents.map(({ id }) => presence.replace('{id}', id))
const queues = () => cloud.world.queues.map(({ id }) => observations.replace('{id}', id))
const last = () => planned.at(-1) ?? assert.fail('nothing was planned')
const call = (method: 'PATCH' | 'DELETE', path: string, body = {}) =>
  openTestClient(cloud).call({ method, path, body })

test('all users and queues that are listed, as often as that is looked at', async () => {
  const lists = open(one())
  await lists.look(never)
  assert.deepEqual(last().flat().sort(), [...users(), ...queues()].sort())
  const [left = assert.fail(), idle = assert.fail()] = cloud.world.agents
  await call('DELETE', `/api/v2/users/${left.id}`)
  await call('PATCH', `/api/v2/users/${idle.id}`, { state: 'inactive' })
  await lists.look(never)
  assert.deepEqual(last().flat().sort(), [...users().slice(2), ...queues()].sort())
  await call('PATCH', `/api/v2/users/${idle.id}`, { state: 'active' })
  await lists.look(never)
  assert.deepEqual(last().flat().sort(), [...users().slice(1), ...queues()].sort())
  assert.deepEqual(told, [])
})

test('beside those that are named one by one', async () => {
  const [queue = assert.fail()] = cloud.world.queues
  await open(one({ queues: [queue.id] })).look(never)
  assert.deepEqual(last().flat().sort(), [...users(), queues()[0]].sort())
})

test('what cannot be listed is told and tried again, and nothing is planned', async () => {
  cloud.faults.missingPermissions = ['routing:queue:view']
  const lists = open(one(), async () => {
    assert.deepEqual(planned, [])
    if (told.length === 3) cloud.faults.missingPermissions = []
  })
  await lists.look(never)
  assert.deepEqual(last().flat().sort(), [...users(), ...queues()].sort())
  assert.deepEqual(
    told.map(([event]) => event),
    Array(3).fill('channel_lists_failed'),
  )
  assert.match(String(told[0]?.[1]['reason']), /routing:queue:view/)
})

test('an empty list changes nothing', async () => {
  const lists = open(one())
  await lists.look(never)
  const before = last().flat()
  for (const { id } of cloud.world.queues) await call('DELETE', `/api/v2/routing/queues/${id}`)
  await lists.look(never)
  assert.deepEqual(last().flat(), before)
})

test('topics beyond the most are left out, the last ones first, and told once', async () => {
  const count = Math.ceil(MOST / cloud.world.agents.length) + 1
  const topics = Array.from({ length: count }, (_, index) => `v2.users.{id}.t${index}`)
  const lists = open(one({ topics }))
  for (let times = 0; times < 2; times++) await lists.look(never)
  const all = topics.flatMap((topic) =>
    cloud.world.agents.map(({ id }) => topic.replace('{id}', id)),
  )
  assert.deepEqual(last().flat().sort(), all.slice(0, MOST).sort())
  assert.equal(last().length, 19)
  const leftOut = { org: 'prod', topics: all.length - MOST, first: all[MOST] }
  assert.deepEqual(told, [['channel_topics_left_out', leftOut]])
})

import assert from 'node:assert/strict'
import { afterEach, beforeEach, suite, test } from 'node:test'
import WebSocket from 'ws'
import { hasCode } from '../../../../src/core/errors.ts'
import { viewJson } from '../../../../src/event/json-view.ts'
import { organisationOf, probePermissions } from '../../../../src/genesys/access.ts'
import type { Call, GenesysClient, Method } from '../../../../src/genesys/client.ts'
import {
  detailsAvailableTo,
  jobFinished,
  jobResults,
  submitDetailsJob,
} from '../../../../src/genesys/details-jobs.ts'
import { queryDetails } from '../../../../src/genesys/details-query.ts'
import { listNames, nameKinds } from '../../../../src/genesys/names.ts'
import { readAvailableTopics } from '../../../../src/schemas/available-topics.ts'
import { type MovableClock, movableClock } from '../../../support/clock.ts'
import { openTestClient, startTestCloud, type TestCloud } from '../../../support/cloud.ts'

const HOUR = 3_600_000
let clock: MovableClock
let cloud: TestCloud
let client: GenesysClient

beforeEach(async () => {
  clock = movableClock()
  cloud = await startTestCloud({ clock, corrections: { every: 2, afterMs: 72 * HOUR } })
  client = openTestClient({ ...cloud, tries: 1 })
})
afterEach(() => cloud.stop())

async function call(method: Method, path: string, body?: Call['body']) {
  const answer = await client.call({ method, path, ...(body !== undefined && { body }) })
  return answer.bytes.length === 0 ? null : JSON.parse(answer.bytes.toString())
}
const refused = (status: number) => (error: unknown) =>
  error instanceof Error && 'details' in error && Object(error.details).status === status

async function recordsFrom(from: number) {
  const found = []
  for await (const { records } of queryDetails(client, { from, to: from + 24 * HOUR }))
    found.push(...records.map(({ slice }) => JSON.parse(slice.toString())))
  return found
}

suite('the simulated Analytics', () => {
  test('tells of a conversation what has happened of it so far', async () => {
    const start = clock.now() - 1000
    const [conversation = assert.fail()] = cloud.fill(1, start)
    const [before = assert.fail()] = await recordsFrom(start)
    assert.equal(before.conversationEnd, undefined)
    assert.ok(before.participants.length >= 1)
    clock.advance(conversation.truth.end - clock.now() + HOUR)
    const [after] = await recordsFrom(start)
    assert.equal(Date.parse(after.conversationEnd), conversation.truth.end)
    assert.ok(JSON.stringify(after).length > JSON.stringify(before).length)
  })

  test('tells nothing of what begins later', async () => {
    cloud.fill(3, clock.now() + HOUR)
    assert.deepEqual(await recordsFrom(clock.now()), [])
  })

  test('corrects conversations days after their end', async () => {
    const start = clock.now()
    cloud.fill(4, start)
    clock.advance(24 * HOUR)
    const corrected = (records: { externalTag?: string }[]) =>
      records.filter(({ externalTag }) => externalTag === 'corrected').length
    assert.equal(corrected(await recordsFrom(start)), 0)
    clock.advance(72 * HOUR)
    assert.equal(corrected(await recordsFrom(start)), 2)
  })

  test('refuses more than 100,000 results, in the words of the platform', async () => {
    const interval = '2026-01-02T00:00:00.000Z/2026-01-03T00:00:00.000Z'
    const paging = { pageSize: 100, pageNumber: 1001 }
    const asked = call('POST', '/api/v2/analytics/conversations/details/query', {
      interval,
      paging,
    })
    await assert.rejects(asked, (error) => {
      assert.match(String(error), /Pagination may not exceed 100000 results/)
      return hasCode(error, 'INL_GEN_INTERVAL')
    })
  })

  test('queries and jobs are about what filters name, and refuse those that are none', async () => {
    const from = clock.now()
    const told = cloud.fill(6, from)
    clock.advance(24 * HOUR)
    const id = told[2]?.truth.conversationId ?? ''
    const interval = `${new Date(from).toISOString()}/${new Date(clock.now()).toISOString()}`
    const body = (dimension: string) => ({
      interval,
      segmentFilters: [{ type: 'and', predicates: [{ type: 'dimension', dimension, value: id }] }],
    })
    const query = '/api/v2/analytics/conversations/details/query'
    const { conversations, totalHits } = await call('POST', query, body('conversationId'))
    assert.deepEqual([conversations.length, totalHits], [1, 1])
    assert.equal(conversations[0].conversationId, id)
    await assert.rejects(call('POST', query, body('colour')), refused(400))
    await assert.rejects(call('POST', jobs, body('colour')), refused(400))
    const { jobId } = await call('POST', jobs, body('conversationId'))
    await jobFinished({ client, clock }, jobId)
    const { conversations: found } = await call('GET', `${jobs}/${jobId}/results`)
    assert.deepEqual(
      found.map((one: { conversationId: string }) => one.conversationId),
      [id],
    )
  })

  test('runs jobs over a data lake that is behind, with attributes', async () => {
    const from = clock.now()
    const told = cloud.fill(5, from)
    const late = told.at(-1)?.truth.start ?? 0
    cloud.faults.jobLagMs = HOUR
    const jobOver = async () => {
      const jobId = await submitDetailsJob(client, { from, to: from + 24 * HOUR })
      await assert.rejects(call('GET', `${jobs}/${jobId}/results`), refused(400))
      await jobFinished({ client, clock }, jobId)
      const records = []
      for await (const page of jobResults(client, jobId, { pageSize: 2 }))
        records.push(...page.records)
      return records
    }
    clock.advance(late - from + HOUR - 60_000)
    assert.equal(await detailsAvailableTo(client), clock.now() - HOUR)
    assert.equal((await jobOver()).length, 4)
    clock.advance(24 * HOUR)
    const records = await jobOver()
    assert.deepEqual(
      records.map(({ conversationId }) => conversationId),
      told.map(({ truth }) => truth.conversationId),
    )
    assert.ok(records.every(({ slice }) => slice.includes('"attributes"')))
    const tooWide = submitDetailsJob(client, { from, to: from + 8 * 24 * HOUR })
    await assert.rejects(tooWide, (error) => hasCode(error, 'INL_GEN_INTERVAL'))
  })
})

const jobs = '/api/v2/analytics/conversations/details/jobs'

suite('the simulated organisation', () => {
  test('lists every name behind the ids of its events, and what was changed', async () => {
    const { world } = cloud
    const found = new Map<string, Map<string, string | null>>()
    for (const kind of nameKinds) {
      const names = new Map<string, string | null>()
      for await (const { id, name } of listNames(client, kind)) names.set(id, name)
      found.set(kind, names)
    }
    const named = (kind: string, list: readonly { id: string; name: string }[]) =>
      assert.deepEqual(found.get(kind), new Map(list.map(({ id, name }) => [id, name])))
    named('users', world.agents)
    named('queues', world.queues)
    named('wrapup_codes', world.wrapUpCodes)
    named('skills', world.skills)
    named('divisions', world.divisions)
    named('flows', world.flows)
    assert.equal(found.get('presences')?.get(world.presences.get('ON_QUEUE') ?? ''), 'On Queue')

    const path = `/api/v2/routing/queues/${world.queues[0]?.id}`
    await call('PATCH', path, { name: 'Sales North' })
    assert.equal((await call('GET', path)).name, 'Sales North')
    await call('DELETE', path)
    await assert.rejects(call('GET', path), (error) => hasCode(error, 'INL_GEN_NOT_FOUND'))
  })

  test('says whose client asks, and what it may do', async () => {
    assert.equal(await organisationOf(client), cloud.world.orgId)
    cloud.faults.missingPermissions = ['routing:queue:view']
    const lacking = (await probePermissions(client, clock.now())).filter(({ failure }) => failure)
    assert.deepEqual(
      lacking.map(({ what, failure }) => [what, failure?.details['permissions']]),
      [['read queues', 'routing:queue:view']],
    )
  })

  test('knows topics, and their schemas where they are asked for', async () => {
    const plain = await call('GET', '/api/v2/notifications/availabletopics')
    assert.ok(plain.entities.length > 200)
    const path = '/api/v2/notifications/availabletopics?expand=schema,transports'
    const answer = await call('GET', path)
    assert.deepEqual(answer.entities[0].transports, ['All'])
    assert.ok((readAvailableTopics(answer)?.size ?? 0) > 50)
  })
})

const webhook = {
  name: 'lake',
  url: 'https://in.example.com/events',
  certificateId: 'c1',
  filters: { eventTypes: ['interaction'] },
}

suite('the subscriptions of the guides', () => {
  test('are made, read, changed and deleted as the first guide describes them', async () => {
    const path = '/api/v2/analytics/notifications'
    const made = await call('POST', path, webhook)
    assert.equal(made.enabled, true)
    assert.deepEqual((await call('GET', path)).entities, [made])
    assert.equal((await call('PATCH', `${path}/${made.id}`, { enabled: false })).enabled, false)
    cloud.faults.missingPermissions = ['analytics:notifications:edit']
    await assert.rejects(call('DELETE', `${path}/${made.id}`), refused(403))
    cloud.faults.missingPermissions = []
    assert.equal(await call('DELETE', `${path}/${made.id}`), null)
    await assert.rejects(call('GET', `${path}/${made.id}`), refused(404))
  })

  test('must be for HTTPS and name what they are for', async () => {
    const path = '/api/v2/analytics/notifications'
    const plain = { ...webhook, url: 'http://in.example.com/events' }
    await assert.rejects(call('POST', path, plain), refused(400))
    await assert.rejects(call('POST', path, { ...webhook, filters: {} }), refused(400))
  })

  test('of the second guide are wrapped, and turn inactive when the platform says so', async () => {
    const path = '/api/v2/notifications/eventSubscriptions'
    const { filters, ...rest } = webhook
    const body = { eventSubscription: { ...rest, events: filters.eventTypes } }
    const { eventSubscription } = await call('POST', path, body)
    cloud.deactivate('all')
    const one = `${path}/${eventSubscription.id}`
    assert.equal((await call('GET', one)).eventSubscription.active, false)
    const again = await call('PATCH', one, { eventSubscription: { active: true } })
    assert.equal(again.eventSubscription.active, true)
    assert.equal(again.eventSubscription.url, webhook.url)
  })
})

suite('the integration with Amazon EventBridge', () => {
  test('is made, configured and then enabled', async () => {
    const path = '/api/v2/integrations'
    const integrationType = { id: 'amazon-eventbridge-source' }
    const made = await call('POST', path, { integrationType, name: 'lake' })
    const one = `${path}/${made.id}`
    await assert.rejects(call('PATCH', one, { intendedState: 'ENABLED' }), refused(400))
    const config = await call('GET', `${one}/config/current`)
    const properties = {
      eventSourceSuffix: 'lake',
      awsAccountId: '123456789012',
      awsAccountRegion: 'eu-central-1',
      eventFilter: ['v2.detail.events.conversation.{id}.customer.end'],
    }
    await call('PUT', `${one}/config/current`, { ...config, properties })
    await assert.rejects(
      call('PUT', `${one}/config/current`, { ...config, properties }),
      refused(409),
    )
    const enabled = await call('PATCH', one, { intendedState: 'ENABLED' })
    assert.equal(enabled.reportedState.code, 'ACTIVE')
  })
})

suite('notification channels of the simulator', () => {
  const base = '/api/v2/notifications/channels'
  const userTopic = () => `v2.users.${cloud.world.agents[0]?.id}.presence`

  test('are 20 at most, and live a day that a subscription begins anew', async () => {
    const first = await call('POST', base)
    for (let count = 0; count < 20; count++) {
      clock.advance(1000)
      await call('POST', base)
    }
    const { entities } = await call('GET', base)
    assert.equal(entities.length, 20)
    assert.ok(!entities.some(({ id }: { id: string }) => id === first.id))
    const path = `${base}/${entities[0].id}`
    clock.advance(20 * HOUR)
    await call('PUT', `${path}/subscriptions`, [{ id: userTopic() }])
    clock.advance(20 * HOUR)
    await call('HEAD', path)
    clock.advance(5 * HOUR)
    await assert.rejects(call('HEAD', path), refused(404))
  })

  test('refuse topics that are unknown, too many or not permitted', async () => {
    const { id } = await call('POST', base)
    const path = `${base}/${id}/subscriptions`
    await assert.rejects(call('POST', path, [{ id: 'v2.nothing' }]), refused(400))
    cloud.faults.missingPermissions = ['directory:user:view']
    await assert.rejects(call('POST', path, [{ id: userTopic() }]), refused(403))
    const queue = `v2.analytics.queues.${cloud.world.queues[0]?.id}.observations`
    const both = [{ id: userTopic() }, { id: queue }]
    const answer = await call('POST', `${path}?ignoreErrors=true`, both)
    assert.deepEqual(answer.entities[1].missingPermissions, ['directory:user:view'])
    assert.deepEqual((await call('GET', path)).entities, [{ id: queue, state: 'Permitted' }])
    const many = Array.from({ length: 1001 }, (_, index) => ({
      id: `v2.analytics.queues.${index}.observations`,
    }))
    await assert.rejects(call('PUT', path, many), refused(400))
  })

  test('tell their socket what it has subscribed to, and answer a ping', async () => {
    const { id, connectUri } = await call('POST', base)
    await call('PUT', `${base}/${id}/subscriptions`, [{ id: userTopic() }])
    const socket = new WebSocket(client.own(connectUri))
    const messages: unknown[] = []
    const heard = (count: number) =>
      new Promise<void>((resolve) => {
        const look = () => messages.length >= count && resolve()
        socket.on('message', look)
        look()
      })
    socket.on('message', (data) => messages.push(viewed(String(data))))
    await new Promise((resolve) => socket.once('open', resolve))
    assert.equal(cloud.notify('v2.users.another.presence', {}), 0)
    assert.equal(cloud.notify(userTopic(), { topicName: userTopic() }), 1)
    socket.send('{"message":"ping"}')
    await heard(2)
    const pong = { topicName: 'channel.metadata', eventBody: { message: 'pong' } }
    assert.deepEqual(messages, [{ topicName: userTopic() }, pong])
    cloud.closeSockets(true)
    await heard(3)
    const closed = new Promise((resolve) => socket.once('close', resolve))
    cloud.closeSockets(false)
    await closed
    assert.equal(cloud.notify(userTopic(), {}), 0)
  })

  test('of which there is none are not connected to', async () => {
    const socket = new WebSocket(`ws://${cloud.host}/channels/none`)
    const [response] = await new Promise<unknown[]>((resolve) =>
      socket.once('unexpected-response', (_request, answer) => resolve([answer.statusCode])),
    )
    assert.equal(response, 404)
    socket.on('error', () => undefined).terminate()
  })
})

function viewed(text: string): unknown {
  assert.ok(viewJson(Buffer.from(text)) !== undefined)
  return JSON.parse(text)
}

suite('the control call', () => {
  test('has the server go wrong, and refuses what it does not know', async () => {
    const control = (body: object) =>
      fetch(`http://${cloud.host}/simulator/control`, {
        method: 'POST',
        body: JSON.stringify(body),
      })
    const faults = await (await control({ failing: { status: 502, times: 1 } })).json()
    assert.equal(Object(faults).failing.status, 502)
    await assert.rejects(call('GET', '/api/v2/users'), refused(502))
    await call('GET', '/api/v2/users')
    assert.equal((await control({ perMinutes: 1 })).status, 400)
    assert.equal((await control({ perMinute: 0, expireTokens: true })).status, 200)
    await assert.rejects(call('GET', '/api/v2/users'), refused(429))
  })
})

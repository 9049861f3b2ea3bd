import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import WebSocket from 'ws'
import { realMachine } from '../../../src/app/machine.ts'
import {
  type CentreOptions,
  centreTraffic,
  startCentreApi,
  tellSubscribers,
} from '../../../src/app/simulated-centre.ts'
import { queryDetails } from '../../../src/genesys/details-query.ts'
import { listNames, type Named } from '../../../src/genesys/names.ts'
import { noLosses } from '../../../src/simulator/traffic/losses.ts'
import { openTestClient } from '../../support/cloud.ts'

const HOUR = 3_600_000
const centre: CentreOptions = {
  dialects: ['notification'],
  events: 400,
  seed: 5,
  faults: 'none',
  batches: false,
  agoMs: 2 * HOUR,
  losses: noLosses,
  cloud: null,
}

/** The ids of conversations that deliveries name. */
function conversationsIn(deliveries: Iterable<{ body: Uint8Array }>): Set<string> {
  const ids = new Set<string>()
  for (const { body } of deliveries) {
    const { conversationId } = JSON.parse(Buffer.from(body).toString()).eventBody
    if (conversationId !== undefined) ids.add(conversationId)
  }
  return ids
}

suite('the contact centre that simulate plays', () => {
  test('has an API that tells of what was sent, and of what was lost', async () => {
    const cloud = await startCentreApi(realMachine, { seed: centre.seed })
    const losses = { events: 0, conversations: 3 }
    const sent = conversationsIn(centreTraffic(realMachine, { ...centre, losses, cloud }))
    const known = new Set<string | null>()
    const now = realMachine.clock.now()
    const interval = { from: now - 3 * HOUR, to: now }
    for await (const { records } of queryDetails(openTestClient(cloud), interval))
      for (const { conversationId } of records) known.add(conversationId)
    await cloud.stop()
    const all = conversationsIn(centreTraffic(realMachine, centre))
    assert.ok(sent.size > 0 && sent.size < all.size)
    assert.deepEqual(known, all)
    assert.ok([...sent].every((id) => known.has(id)))
  })

  test('loses every so many events', () => {
    const count = (events: number) =>
      [...centreTraffic(realMachine, { ...centre, losses: { ...noLosses, events } })].length
    const whole = count(0)
    assert.equal(count(10), whole - Math.floor(whole / 10))
  })

  test('tells channels what they have subscribed to', async () => {
    const cloud = await startCentreApi(realMachine, { seed: centre.seed })
    const client = openTestClient(cloud)
    const users: Named[] = []
    for await (const user of listNames(client, 'users')) users.push(user)
    const made = await client.call({ method: 'POST', path: '/api/v2/notifications/channels' })
    const { id, connectUri } = JSON.parse(made.bytes.toString())
    const topics = users.map((user) => ({ id: `v2.users.${user.id}.presence` }))
    const path = `/api/v2/notifications/channels/${id}/subscriptions`
    await client.call({ method: 'PUT', path, body: topics })
    const socket = new WebSocket(client.own(connectUri))
    await new Promise((resolve) => socket.once('open', resolve))
    const heard: string[] = []
    socket.on('message', (data) => heard.push(JSON.parse(String(data)).topicName))
    const told: string[] = []
    const deliveries = [...centreTraffic(realMachine, centre)]
    for (const { body } of deliveries) {
      const { topicName } = JSON.parse(Buffer.from(body).toString())
      if (topicName.endsWith('.presence')) told.push(topicName)
    }
    const signal = new AbortController().signal
    await tellSubscribers(realMachine, deliveries, { cloud, signal })
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.close()
    await closed
    await cloud.stop()
    assert.ok(told.length > 0)
    assert.deepEqual(heard, told)
  })
})

import assert from 'node:assert/strict'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { systemClock } from '../../../../src/core/clock.ts'
import { seededRandom } from '../../../../src/core/random.ts'
import type { JsonObject } from '../../../../src/event/json.ts'
import type { Subscribed } from '../../../../src/simulator/cloud/subscriptions.ts'
import { Webhooks } from '../../../../src/simulator/cloud/webhooks.ts'
import type { Delivery } from '../../../../src/simulator/traffic/packing.ts'
import {
  answer,
  type Manner,
  type MisbehavingServer,
  startServer,
} from '../../../support/misbehaving-server.ts'

const analytics = 'analytics-notification'

function delivery(event: JsonObject, source = analytics): Delivery {
  const body = Buffer.from(JSON.stringify(event))
  const events = [{ key: JSON.stringify(event), bytes: body, expected: 'event' as const }]
  const contentType = 'application/json'
  return { number: 0, source, contentType, body, at: 0, batch: false, events }
}

suite('webhooks of the simulated Genesys Cloud', () => {
  let server: MisbehavingServer
  let webhooks: Webhooks
  let manner: Manner
  let held: (Subscribed & { readonly dialect: string })[]

  beforeEach(async () => {
    manner = (response) => answer(response, 200, { outcome: 'stored' })
    server = await startServer((...request) => manner(...request))
    held = []
    const subscriptions = {
      active: (dialect: string) => held.filter((one) => one.dialect === dialect),
      deactivate(id: string) {
        held = held.filter((one) => one.id !== id)
      },
    }
    const random = seededRandom(1)
    webhooks = new Webhooks({ clock: systemClock, random, subscriptions })
  })
  afterEach(async () => {
    webhooks.stop()
    await server.close()
  })

  function subscribe(fields: JsonObject, dialect = analytics): void {
    held.push({ id: `s${held.length}`, dialect, fields: { url: server.url.href, ...fields } })
  }
  const seen = () => server.seen.map(({ body }) => JSON.parse(body.toString()))
  async function until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await systemClock.sleep(5)
  }

  test('are posted what their filters want, with their headers', async () => {
    const filters = { eventTypes: ['interaction'], interactionTypes: ['call'], queues: ['q1'] }
    subscribe({ filters, headers: { 'X-Api-Key': 'the-key' } })
    subscribe({ events: ['call.event'], filters: { direction: 'inbound' } }, 'event-subscription')
    const call = { eventType: 'interaction', data: { type: 'call', queueId: 'q1' } }
    const wanted = [call, { eventType: 'interaction', data: { type: 'call', queueId: null } }]
    const others = [
      { eventType: 'agentLogin', data: {} },
      { eventType: 'interaction', data: { type: 'email', queueId: 'q1' } },
      { eventType: 'interaction', data: { type: 'call', queueId: 'q2' } },
    ]
    for (const event of [...others, ...wanted]) await webhooks.post(delivery(event))
    const told = { eventType: 'call.event', direction: 'inbound' }
    const all = [{ ...told, direction: 'outbound' }, { ...told, eventType: 'chat.event' }, told]
    for (const event of all) await webhooks.post(delivery(event, 'event-subscription'))
    await until(() => server.seen.length >= 3)
    const text = (list: readonly unknown[]) => list.map((one) => JSON.stringify(one)).sort()
    assert.deepEqual(text(seen()), text([...wanted, told]))
    const keys = server.seen.filter(({ headers }) => headers['x-api-key'] === 'the-key')
    assert.equal(keys.length, wanted.length)
  })

  test('are tried again as their policy says, then inactive', async () => {
    subscribe({ filters: {}, retryPolicy: { maxRetries: 2, retryIntervalSeconds: 0.01 } })
    let answers = 0
    manner = (response) => answer(response, answers++ < 2 ? 503 : 200, { outcome: 'stored' })
    await webhooks.post(delivery({ eventType: 'interaction' }))
    await until(() => answers === 3)
    assert.equal(held.length, 1)
    manner = (response) => answer(response, 503)
    await webhooks.post(delivery({ eventType: 'interaction' }))
    await until(() => held.length === 0)
    assert.equal(server.seen.length, 6)
  })

  test('are on this machine alone', async () => {
    const port = server.url.port
    const elsewhere = [`http://127.0.0.1.example.com:${port}/`, `http://10.255.255.1:${port}/`]
    for (const url of elsewhere) subscribe({ url, filters: {} })
    subscribe({ filters: {} })
    await webhooks.post(delivery({ eventType: 'interaction' }))
    await until(() => server.seen.length === 1)
    assert.equal(held.length, 3, 'none was tried and given up')
  })
})

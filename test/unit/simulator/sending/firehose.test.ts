/** The simulated Firehose, against servers that answer as they should not, and against ingress. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { suite, test } from 'node:test'
import { seededRandom } from '../../../../src/core/random.ts'
import { readFirehose } from '../../../../src/event/framing/firehose.ts'
import { fixedSecrets } from '../../../../src/ingress/proofs/live-secrets.ts'
import {
  firehoseDestination,
  guideWebhook,
  judge,
} from '../../../../src/simulator/sending/contract.ts'
import { type Route, wireFor } from '../../../../src/simulator/sending/route.ts'
import { send } from '../../../../src/simulator/sending/sender.ts'
import type { Delivery } from '../../../../src/simulator/traffic/packing.ts'
import { movableClock } from '../../../support/clock.ts'
import { hmacSource, startIngress } from '../../../support/ingress.ts'

const delivery = (number: number): Delivery => {
  const bytes = Buffer.from(`{"messageId":"m${number}","eventType":"call.event"}`)
  const events = [{ key: `m${number}`, bytes, expected: 'event' as const }]
  const contentType = 'application/json'
  return { number, source: 's', contentType, body: bytes, at: 5, batch: false, events }
}

const answered = (status: number, text: string) =>
  judge(firehoseDestination, { kind: 'answered', status, retryAfter: null, text })

suite('a simulated Firehose', () => {
  test('wraps a delivery in a record, under an id that stays', () => {
    const url = new URL('http://127.0.0.1/')
    const wire = wireFor({ url, contract: firehoseDestination }, movableClock())
    const { headers, body } = wire(delivery(7))
    const batch = readFirehose(Buffer.from(body))
    assert.equal(batch?.requestId, headers['x-amz-firehose-request-id'])
    assert.deepEqual(
      [...(batch?.records ?? [])].map((one) => one.kind === 'data' && String(one.bytes)),
      [String(delivery(7).body)],
    )
    assert.deepEqual(wire(delivery(7)), { headers, body })
    assert.notEqual(wire(delivery(8)).headers['x-amz-firehose-request-id'], batch?.requestId)
  })

  test('believes nothing but 200 with a request id, and gives up after nothing but 413', () => {
    assert.equal(answered(200, '{"requestId":"a","timestamp":1}'), 'acknowledged')
    assert.equal(answered(200, '{"outcome":"stored"}'), 'retry')
    assert.equal(answered(202, '{"requestId":"a","timestamp":1}'), 'retry')
    for (const status of [301, 400, 401, 404, 415, 429, 503])
      assert.equal(answered(status, ''), 'retry')
    assert.equal(answered(413, '{"requestId":"a"}'), 'give-up')
  })

  test('has its deliveries taken, however often it sends them', async () => {
    const source = {
      ...hmacSource,
      path: '/hose',
      auth: { firehoseKey: { secrets: fixedSecrets('a key') } },
      speaks: 'firehose' as const,
    }
    const { url, kept, stop } = await startIngress({ sources: [source] })
    const route: Route = {
      url: new URL(`${url}/hose`),
      contract: firehoseDestination,
      headers: { 'X-Amz-Firehose-Access-Key': 'a key' },
    }
    const play = () =>
      send(
        { clock: movableClock(), random: seededRandom(1) },
        {
          deliveries: Array.from({ length: 20 }, (_, number) => delivery(number)),
          routeOf: () => route,
          concurrency: 4,
          pace: { kind: 'flat-out' },
          signal: new AbortController().signal,
        },
      )
    try {
      assert.equal((await play()).givenUp, 0)
      assert.equal((await play()).givenUp, 0)
      const kinds = (await kept()).map(({ kind }) => kind)
      assert.equal(kinds.filter((kind) => kind === 'event').length, 20)
      assert.equal(kinds.filter((kind) => kind === 'repeat').length, 20)
    } finally {
      await stop()
    }
  })
})

test('a simulated signature may cover the time', () => {
  const clock = movableClock(1_735_786_800_999)
  const hmac = { header: 'X-Sig', secret: 'sesame', timestampHeader: 'X-Time' }
  const route = { url: new URL('http://127.0.0.1/'), contract: guideWebhook, hmac }
  const { headers, body } = wireFor(route, clock)(delivery(1))
  assert.equal(headers['X-Time'], '1735786800')
  const signed = createHmac('sha256', 'sesame').update(`1735786800.${Buffer.from(body)}`)
  assert.equal(headers['X-Sig'], signed.digest('hex'))
})

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { type Clock, systemClock } from '../../../../src/core/clock.ts'
import { seededRandom } from '../../../../src/core/random.ts'
import type { LedgerEntry } from '../../../../src/simulator/ledger/ledger.ts'
import {
  eventBridgeDestination,
  guideWebhook,
  type RetryContract,
} from '../../../../src/simulator/sending/contract.ts'
import type { Route } from '../../../../src/simulator/sending/route.ts'
import { type SendOptions, send } from '../../../../src/simulator/sending/sender.ts'
import type { SendReport } from '../../../../src/simulator/sending/tally.ts'
import type { Delivery } from '../../../../src/simulator/traffic/packing.ts'
import { movableClock } from '../../../support/clock.ts'
import {
  answer,
  hangUp,
  type Manner,
  type MisbehavingServer,
  startServer,
} from '../../../support/misbehaving-server.ts'

interface Sending {
  readonly manner: Manner
  readonly count?: number
  readonly contract?: RetryContract
  readonly clock?: Clock
  readonly route?: Partial<Route>
  readonly options?: Partial<SendOptions>
  readonly ledger?: (entry: LedgerEntry) => void
}

interface Sent {
  readonly report: SendReport
  readonly server: MisbehavingServer
  readonly entries: readonly LedgerEntry[]
}

function deliveries(count: number): Delivery[] {
  return Array.from({ length: count }, (_, number) => {
    const body = Buffer.from(JSON.stringify({ messageId: `m${number}` }))
    const events = [{ key: `m${number}`, bytes: body, expected: 'event' as const }]
    const contentType = 'application/json'
    return { number, source: 'guide', contentType, body, at: 0, batch: false, events }
  })
}

async function sendTo({ manner, count = 1, ...rest }: Sending): Promise<Sent> {
  const server = await startServer(manner)
  const entries: LedgerEntry[] = []
  const record = (entry: LedgerEntry) => {
    entries.push(entry)
    rest.ledger?.(entry)
  }
  const route = { url: server.url, contract: rest.contract ?? guideWebhook, ...rest.route }
  try {
    const report = await send(
      { clock: rest.clock ?? movableClock(), random: seededRandom(1), ledger: { record } },
      {
        deliveries: deliveries(count),
        routeOf: () => route,
        concurrency: 4,
        pace: { kind: 'flat-out' },
        signal: new AbortController().signal,
        ...rest.options,
      },
    )
    return { report, server, entries }
  } finally {
    await server.close()
  }
}

const stored: Manner = (response) => answer(response, 200, { outcome: 'stored' })

/** Answers the statuses one after another, and `stored` when they are used up. */
function statuses(...list: readonly number[]): Manner {
  return (response, seen, index) => {
    const status = list[index]
    if (status === undefined) stored(response, seen, index)
    else answer(response, status)
  }
}

test('posts each body once as it is, and counts what became of it', async () => {
  const { report, server } = await sendTo({ manner: stored, count: 40 })
  const bodies = server.seen.map(({ body }) => body.toString()).toSorted()
  assert.deepEqual(
    bodies,
    deliveries(40)
      .map(({ body }) => body.toString())
      .toSorted(),
  )
  assert.ok(server.seen.every(({ path }) => path === '/events?a=1'))
  assert.ok(server.seen.every(({ headers }) => headers['content-type'] === 'application/json'))
  assert.equal(report.acknowledged, 40)
  assert.deepEqual(report.outcomes, { stored: 40 })
  assert.deepEqual(report.answers, { 200: 40 })
})

test('signs the bytes on the wire and shows its key', async () => {
  const hmac = { header: 'X-Genesys-Signature', secret: 'open sesame' }
  const apiKey = { header: 'X-Api-Key', value: 'k1' }
  const { server } = await sendTo({ manner: stored, route: { hmac, apiKey } })
  const [seen] = server.seen
  assert.ok(seen !== undefined)
  const proof = createHmac('sha256', 'open sesame').update(seen.body).digest('hex')
  assert.equal(seen.headers['x-genesys-signature'], proof)
  assert.equal(seen.headers['x-api-key'], 'k1')
})

test('keeps connections open and never has more requests under way than allowed', async () => {
  const { server } = await sendTo({ manner: stored, count: 60, options: { concurrency: 3 } })
  assert.ok(server.mostAtOnce() <= 3)
  assert.ok(server.connections() <= 3)
})

test('a guide webhook is tried again after 5xx, each wait longer, six times in all', async () => {
  const clock = movableClock()
  const { report, server } = await sendTo({ manner: (response) => answer(response, 503), clock })
  assert.equal(server.seen.length, 6)
  assert.equal(report.acknowledged, 0)
  assert.deepEqual(report.deadLetters, [{ delivery: 0, keys: ['m0'], reason: 'status 503' }])
  const minutes = 60_000 * (1 + 2 + 4 + 8 + 16)
  assert.ok(report.elapsedMs >= minutes / 2 && report.elapsedMs <= minutes)
})

test('a guide webhook that is answered 4xx is never tried again, 401 and 429 neither', async () => {
  for (const status of [400, 401, 404, 413, 429]) {
    const { report, server } = await sendTo({ manner: statuses(status) })
    assert.equal(server.seen.length, 1)
    assert.equal(report.deadLetters[0]?.reason, `status ${status}`)
  }
})

test('an API destination tries again after 401, 407, 409, 429 and 5xx', async () => {
  const manner = statuses(401, 407, 409, 429, 500, 503)
  const { report, server } = await sendTo({ manner, contract: eventBridgeDestination })
  assert.equal(server.seen.length, 7)
  assert.equal(report.acknowledged, 1)
})

test('an API destination gives up at once after any other status', async () => {
  for (const status of [301, 400, 403, 404, 408, 413, 422]) {
    const { report, server } = await sendTo({
      manner: statuses(status),
      contract: eventBridgeDestination,
    })
    assert.equal(server.seen.length, 1)
    assert.equal(report.givenUp, 1)
  }
})

test('an API destination gives up a day after the first try', async () => {
  const contract = { ...eventBridgeDestination, tries: 10_000 }
  const clock = movableClock()
  const { report } = await sendTo({ manner: (response) => answer(response, 503), clock, contract })
  assert.equal(report.givenUp, 1)
  assert.ok(report.elapsedMs <= 24 * 3_600_000 && report.elapsedMs > 23 * 3_600_000)
})

test('waits at least as long as Retry-After asks for', async () => {
  const contract = { ...guideWebhook, backoff: { baseMs: 1, maxMs: 1 } }
  const manner: Manner = (response, seen, index) => {
    if (index > 0) return stored(response, seen, index)
    response.setHeader('retry-after', '77')
    answer(response, 503)
  }
  const { report } = await sendTo({ manner, contract })
  assert.equal(report.elapsedMs, 77_000)
})

const hasty = { ...guideWebhook, answerWithinMs: 1e9, backoff: { baseMs: 1, maxMs: 2 } }

/** On it, as much time passes at once as the test says. */
function leapingClock() {
  let passed = 0
  const clock: Clock = { ...systemClock, elapsed: () => systemClock.elapsed() + passed }
  return {
    clock,
    leap(ms: number) {
      passed += ms
    },
  }
}

test('an answer that does not come in time is a failure, and the body is sent again', async () => {
  const { clock, leap } = leapingClock()
  const manner: Manner = (response, seen, index) => {
    if (index > 0) stored(response, seen, index)
    else leap(hasty.answerWithinMs)
  }
  const { report, server } = await sendTo({ manner, clock, contract: hasty })
  assert.equal(server.seen.length, 2)
  assert.deepEqual(report.answers, { timeout: 1, 200: 1 })
})

test('an answer that begins in time but does not end in time is none', async () => {
  const { clock, leap } = leapingClock()
  const manner: Manner = (response, seen, index) => {
    if (index > 0) return stored(response, seen, index)
    response.writeHead(200, { 'content-length': '100' })
    response.write('{"outcome":')
    leap(hasty.answerWithinMs)
  }
  const { report } = await sendTo({ manner, clock, contract: hasty })
  assert.deepEqual(report.answers, { timeout: 1, 200: 1 })
})

test('a connection that breaks without an answer is tried again', async () => {
  const manner: Manner = (response, seen, index) =>
    index % 2 === 0 ? hangUp(response) : stored(response, seen, index)
  const { report, server } = await sendTo({ manner, count: 10, options: { concurrency: 1 } })
  assert.equal(report.acknowledged, 10)
  assert.deepEqual(report.answers, { broken: 10, 200: 10 })
  assert.equal(server.seen.length, 20)
})

test('nobody listening is a broken connection, and given up in the end', async () => {
  const server = await startServer(stored)
  await server.close()
  const { report } = await sendTo({ manner: stored, route: { url: server.url } })
  assert.equal(report.answers['broken'], 6)
  assert.match(report.deadLetters[0]?.reason ?? '', /^broken connection: /)
})

test('the ledger hears of a delivery before it is sent and when its fate is known', async () => {
  const order: string[] = []
  const manner: Manner = (response, _seen, index) => {
    order.push('request')
    if (index === 0) answer(response, 400)
    else answer(response, 200, { outcome: 'batch', stored: 2, shed: 1 })
  }
  const ledger = ({ kind }: LedgerEntry) => void order.push(kind)
  const options = { concurrency: 1 }
  const { entries } = await sendTo({ manner, count: 2, ledger, options })
  assert.deepEqual(order, ['sent', 'request', 'given-up', 'sent', 'request', 'acknowledged'])
  assert.deepEqual(entries.slice(2), [
    entries[2],
    {
      kind: 'acknowledged',
      delivery: 1,
      outcome: 'batch',
      counts: { stored: 2, shed: 1 },
    },
  ])
})

test('a ledger that fails stops the sender', async () => {
  const ledger = (entry: LedgerEntry) => {
    if (entry.kind === 'acknowledged') throw new Error('the disk is full')
  }
  await assert.rejects(sendTo({ manner: stored, count: 50, ledger }), /the disk is full/)
})

test('when stopped, begins nothing new and tries nothing again', async () => {
  const stop = new AbortController()
  const manner: Manner = (response, _seen, index) => {
    if (index === 3) stop.abort()
    answer(response, 503)
  }
  const { report, server } = await sendTo({
    manner,
    count: 1000,
    clock: systemClock,
    options: { signal: stop.signal },
  })
  assert.equal(server.seen.length, 4)
  assert.equal(report.interrupted, report.deliveries)
  assert.equal(report.acknowledged, 0)
})

test('tells how far it is while it sends', async () => {
  const told: SendReport[] = []
  let tick = () => {}
  const every = (ms: number, task: () => void) => {
    if (ms === 1000) tick = task
    return () => {}
  }
  const manner: Manner = (response, seen, index) => {
    if (index === 4) tick()
    stored(response, seen, index)
  }
  const clock = { ...movableClock(), every }
  const options = { concurrency: 1, onProgress: (report: SendReport) => void told.push(report) }
  await sendTo({ manner, count: 6, clock, options })
  assert.deepEqual(
    told.map(({ acknowledged, deliveries }) => [acknowledged, deliveries]),
    [[4, 5]],
  )
})

test('takes deliveries that come asynchronously, and no more than it can send', async () => {
  let taken = 0
  async function* slowly() {
    for (const delivery of deliveries(20)) {
      taken++
      yield delivery
    }
  }
  const most: number[] = []
  const manner: Manner = (response, seen, index) => {
    most.push(taken - index)
    stored(response, seen, index)
  }
  const { report } = await sendTo({ manner, options: { deliveries: slowly(), concurrency: 2 } })
  assert.equal(report.acknowledged, 20)
  assert.ok(Math.max(...most) <= 4)
})

test('shows its client certificate where the server asks for one', async () => {
  const file = (name: string) =>
    readFile(new URL(`../../../fixtures/simulator/tls/${name}`, import.meta.url))
  const [ca, ownKey, clientPem, clientKey] = await Promise.all(
    ['server.pem', 'server.key', 'client.pem', 'client.key'].map(file),
  )
  const server = await startServer(stored, {
    cert: ca,
    key: ownKey,
    ca: clientPem,
    requestCert: true,
    rejectUnauthorized: true,
  })
  assert.ok(ca !== undefined && clientPem !== undefined && clientKey !== undefined)
  try {
    const url = server.url
    const proven = await sendTo({
      manner: stored,
      route: { url, tls: { ca, cert: clientPem, key: clientKey } },
    })
    assert.equal(proven.report.acknowledged, 1)
    const stranger = await sendTo({ manner: stored, route: { url, tls: { ca } } })
    assert.equal(stranger.report.givenUp, 1)
    assert.equal(server.seen.length, 1)
  } finally {
    await server.close()
  }
})

test('keeps its connections where routes are other objects that say the same', async () => {
  const server = await startServer(stored)
  const routeOf = () => ({ url: new URL(server.url), contract: { ...guideWebhook } })
  const surroundings = { clock: movableClock(), random: seededRandom(1) }
  const signal = new AbortController().signal
  const options = { deliveries: deliveries(40), routeOf, concurrency: 4, signal }
  const report = await send(surroundings, { ...options, pace: { kind: 'flat-out' } })
  assert.equal(report.acknowledged, 40)
  assert.ok(server.connections() <= 4, `${server.connections()} connections`)
  await server.close()
})

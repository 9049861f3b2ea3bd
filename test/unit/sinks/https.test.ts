import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { systemClock } from '../../../src/core/clock.ts'
import { nodeFiles } from '../../../src/core/node-files.ts'
import { systemRandom } from '../../../src/core/random.ts'
import { Feed } from '../../../src/sinks/feed.ts'
import { Forwarder } from '../../../src/sinks/forwarder.ts'
import { openHttpsSink } from '../../../src/sinks/https.ts'
import { readRefused, refusedFiles, refusedPath } from '../../../src/sinks/refused.ts'
import { resendRefused } from '../../../src/sinks/resend.ts'
import { agentStates } from '../../../src/tables/silver.ts'
import { openTestLake, type TestLake } from '../../support/lake.ts'
import { loadSilver } from '../../support/silver-load.ts'
import { toldMetrics } from '../../support/told-metrics.ts'

interface Request {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

let lake: TestLake
let requests: Request[]
/** Bodies that hold it are refused. */
let poison: string
/** Statuses of the next answers; 0 hangs up without one, 1 never answers. Then 200. */
let answers: number[]
const server = createServer(async (request, response) => {
  let body = ''
  for await (const piece of request) body += piece
  requests.push({ headers: request.headers, body })
  const status = answers.shift() ?? (poison !== '' && body.includes(poison) ? 422 : 200)
  if (status === 0) return void request.socket.destroy()
  if (status === 1) return
  response.writeHead(status, { location: '/elsewhere' }).end(status === 204 ? '' : 'thanks')
})
const go = new AbortController().signal

beforeEach(async () => {
  lake = await openTestLake()
  requests = []
  answers = []
  poison = ''
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(async () => {
  server.close()
  server.closeAllConnections()
  await lake.dispose()
})

function openSink(timeoutMs: number, attempts: number) {
  const { port } = server.address() as AddressInfo
  return openHttpsSink(
    { files: nodeFiles, clock: systemClock, fetch },
    {
      name: 'crm',
      url: `http://127.0.0.1:${port}/rows`,
      headers: async () => ({ authorization: 'Bearer sesame' }),
      signingKey: async () => 'secret',
      timeoutMs,
      attempts,
      folder: `${lake.root}-sinks`,
    },
  )
}

function openFeed(): Feed {
  const { engine, store } = lake
  return new Feed({ open: async () => ({ engine, store, find: lake.lake.find }) })
}

/** No server here is that slow, however slow the machine is. */
const PATIENCE_MS = 600_000

function openForwarder(rows = 10, timeoutMs = PATIENCE_MS, attempts = 0): Forwarder {
  const [feed, sink] = [openFeed(), openSink(timeoutMs, attempts)]
  return new Forwarder(
    { feed, sink, clock: systemClock, random: systemRandom, observer: () => undefined },
    { tables: [agentStates], everyMs: 20, rows },
  )
}

const load = (positions: readonly number[]) =>
  loadSilver(lake, {
    table: agentStates,
    partitionValues: { date: '2026-11-22' },
    rows: positions.map((position) => ({
      event_id: `'event-${position}'`,
      state_at: `TIMESTAMPTZ '2026-11-22 10:00:00.5+00'`,
      state: `'onQueue "now"'`,
      position: String(position),
    })),
    to: Math.max(...positions) + 1,
  })
const idsSent = () =>
  requests.flatMap(({ body }) => JSON.parse(body).rows).map((row) => row.event_id)

suite('an HTTPS sink', () => {
  test('posts rows as JSON, with who sends them and a signature over the body', async () => {
    await load([0, 1])
    await openForwarder().bringUpToDate(go)
    const [{ headers, body } = assert.fail()] = requests
    const { table, rows } = JSON.parse(body)
    assert.equal(table, 'silver.agent_states')
    assert.equal(rows[0].state, 'onQueue "now"')
    assert.equal(rows[0].state_at, '2026-11-22T10:00:00.500000Z')
    assert.equal(rows[0].date, '2026-11-22')
    assert.equal(headers.authorization, 'Bearer sesame')
    const signed = `${headers['x-inlet-timestamp']}.${body}`
    const expected = createHmac('sha256', 'secret').update(signed).digest('hex')
    assert.equal(headers['x-inlet-signature'], expected)
  })

  test('goes on behind what has arrived, also after a restart', async () => {
    await load([0, 1, 2, 3, 4])
    await openForwarder(2).bringUpToDate(go)
    await openForwarder(2).bringUpToDate(go)
    await load([5])
    await openForwarder(2).bringUpToDate(go)
    const expected = [0, 1, 2, 3, 4, 5].map((one) => `event-${one}`)
    assert.deepEqual(idsSent(), expected)
  })

  test('sends again under the same key until it is answered 2xx, and drops nothing', async () => {
    await load([0, 1, 2])
    answers = [500, 0, 400, 302, 429, 204]
    const forwarder = openForwarder(2)
    for (let failures = 0; failures < 5; failures++)
      await assert.rejects(forwarder.bringUpToDate(go))
    await forwarder.bringUpToDate(go)
    const keys = requests.map(({ headers }) => headers['idempotency-key'])
    assert.equal(new Set(keys.slice(0, 6)).size, 1)
    assert.equal(new Set(keys).size, 2)
    assert.deepEqual(idsSent().slice(-3), ['event-0', 'event-1', 'event-2'])
  })

  const refused = async () => {
    const events = await readRefused(nodeFiles, refusedPath(`${lake.root}-sinks`, 'crm'))
    return events.map(({ position, status }) => `${position} ${status}`)
  }

  test('names an event that is refused each time, once another has arrived behind it', async () => {
    await load([0, 1, 2])
    poison = 'event-2'
    const forwarder = openForwarder(10, PATIENCE_MS, 3)
    for (let failures = 0; failures < 2; failures++)
      await assert.rejects(forwarder.bringUpToDate(go), /it answered 422/)
    assert.equal(requests.length, 2)
    await assert.rejects(forwarder.bringUpToDate(go), /it answered 422/)
    assert.deepEqual(
      idsSent().slice(6),
      [0, 1, 2, 0, 1, 2, 2].map((one) => `event-${one}`),
    )
    assert.deepEqual(await refused(), [], 'nothing has arrived behind it')
    await load([3])
    for (let failures = 0; failures < 2; failures++)
      await forwarder.bringUpToDate(go).catch(() => undefined)
    assert.deepEqual(await refused(), ['2 422'])
    assert.deepEqual(toldMetrics(forwarder)['inlet_sink_rows_total sink=crm outcome=refused'], 1)
    requests = []
    await forwarder.bringUpToDate(go)
    assert.deepEqual(idsSent(), [])
  })

  test('sends again what was refused, under the same key, until it has arrived', async () => {
    await load([0, 1, 2, 3])
    poison = 'event-1'
    const forwarder = openForwarder(10, PATIENCE_MS, 1)
    await forwarder.bringUpToDate(go)
    assert.deepEqual(await refused(), ['1 422'])
    const keyOf = ({ headers }: Request) => headers['idempotency-key']
    const first = requests.find(({ body }) => body.includes('event-1') && !/event-[023]/.test(body))
    const folder = `${lake.root}-sinks`
    const again = () =>
      resendRefused(
        { files: nodeFiles, feed: openFeed(), sink: openSink(PATIENCE_MS, 1) },
        { folder, tables: [agentStates], signal: go },
      )
    requests = []
    assert.deepEqual(await again(), { arrived: 0, refused: 1, gone: 0 })
    // Another that is refused meanwhile is named beside it.
    await load([4, 5])
    poison = 'event-4'
    await forwarder.bringUpToDate(go)
    const named = await refusedFiles(nodeFiles, folder, 'crm')
    assert.equal(named.length, 2)
    requests = []
    assert.deepEqual(await again(), { arrived: 1, refused: 1, gone: 0 })
    assert.deepEqual(idsSent().toSorted(), ['event-1', 'event-4'])
    assert.equal(requests.map(keyOf).includes(first && keyOf(first)), true)
    poison = ''
    assert.deepEqual(await again(), { arrived: 1, refused: 0, gone: 0 })
    assert.deepEqual(await refusedFiles(nodeFiles, folder, 'crm'), [])
    assert.deepEqual(await again(), { arrived: 0, refused: 0, gone: 0 })
  })

  test('leaves nothing out where the server takes nothing at all', async () => {
    await load([0, 1, 2])
    poison = 'event'
    const forwarder = openForwarder(10, PATIENCE_MS, 1)
    for (let failures = 0; failures < 4; failures++)
      await assert.rejects(forwarder.bringUpToDate(go), /it answered 422/)
    assert.deepEqual(await refused(), [])
    poison = ''
    requests = []
    await forwarder.bringUpToDate(go)
    assert.deepEqual(idsSent(), ['event-0', 'event-1', 'event-2'])
  })

  test('does not wait for ever for an answer', async () => {
    await load([0])
    answers = [1]
    const hasty = openForwarder(2, 50).bringUpToDate(go)
    await assert.rejects(hasty, /did not answer within 50 ms/)
    await openForwarder(2).bringUpToDate(go)
    assert.deepEqual(idsSent(), ['event-0', 'event-0'])
  })
})

import assert from 'node:assert/strict'
import { afterEach, beforeEach, suite, test } from 'node:test'
import type { ErrorCode } from '../../../src/core/errors.ts'
import { hasCode } from '../../../src/core/errors.ts'
import { freePort } from '../../../src/core/free-port.ts'
import type { Call } from '../../../src/genesys/client.ts'
import { openTestClient, startTestCloud, type TestCloud } from '../../support/cloud.ts'
import {
  answer,
  hangUp,
  type Manner,
  type MisbehavingServer,
  startServer,
} from '../../support/misbehaving-server.ts'
import { type SteppedClock, steppedClock } from '../../support/stepped-clock.ts'

const aDay = { interval: '2026-01-02T00:00:00.000Z/2026-01-03T00:00:00.000Z' }
const query: Call = {
  method: 'POST',
  path: '/api/v2/analytics/conversations/details/query',
  body: aDay,
}
const users: Call = { method: 'GET', path: '/api/v2/users' }
const fails = (code: ErrorCode) => (error: unknown) => hasCode(error, code)

/** Moves the clock in small steps until the promise is settled. */
async function passing<T>(clock: SteppedClock, promise: Promise<T>): Promise<T> {
  let isSettled = false
  const settle = () => {
    isSettled = true
  }
  promise.then(settle, settle)
  while (!isSettled) {
    await new Promise((resolve) => setImmediate(resolve))
    await clock.advance(10)
  }
  return promise
}

suite('a client of the simulated Genesys Cloud', () => {
  let cloud: TestCloud

  beforeEach(async () => {
    cloud = await startTestCloud()
  })
  afterEach(() => cloud.stop())

  test('is told at once when no client of its id is in the region', async () => {
    await cloud.stop()
    cloud = await startTestCloud({ clients: [] })
    await assert.rejects(openTestClient(cloud).call(query), fails('INL_GEN_REGION'))
  })

  test('is told when the secret is wrong, without the secret', async () => {
    const client = openTestClient({ ...cloud, secret: 'hunter2' })
    await assert.rejects(client.call(query), (error) => {
      assert.doesNotMatch(String(error), /hunter2/)
      return hasCode(error, 'INL_GEN_CREDENTIALS')
    })
  })

  test('is told which permission it lacks', async () => {
    cloud.faults.missingPermissions = [
      'analytics:conversationDetail:view',
      'analytics:agentConversationDetail:view',
    ]
    await assert.rejects(openTestClient(cloud).call(query), (error) => {
      assert.match(String(error), /it lacks analytics:conversationDetail:view or analytics:agent/)
      return hasCode(error, 'INL_GEN_PERMISSION')
    })
  })

  test('goes on with another token when its own is taken no more', async () => {
    const client = openTestClient(cloud)
    await client.call(query)
    cloud.expireTokens()
    assert.equal((await client.call(query)).status, 200)
  })

  test('waits when it is refused for its rate, and goes on', async () => {
    const clock = steppedClock()
    await cloud.stop()
    cloud = await startTestCloud({ clock })
    const client = openTestClient({ ...cloud, clock, timeoutMs: 1e9 })
    cloud.faults.failing = { status: 429, times: 2, retryAfter: 10 }
    const before = clock.elapsed()
    assert.equal((await passing(clock, client.call(query))).status, 200)
    assert.ok(clock.elapsed() - before >= 20_000)
    const [[event, { waitMs }] = assert.fail()] = client.told
    assert.deepEqual([event, waitMs], ['genesys_limited', 10_000])
  })

  test('leaves it to the caller to wait for hours', async () => {
    cloud.faults.failing = { status: 429, times: 1, retryAfter: 7200 }
    await assert.rejects(openTestClient(cloud).call(query), (error) => {
      assert.match(String(error), /in 7200 s/)
      return hasCode(error, 'INL_GEN_RATE')
    })
  })

  test('never asks so often that it is refused', async () => {
    const clock = steppedClock()
    await cloud.stop()
    cloud = await startTestCloud({ clock })
    cloud.faults.perMinute = 50
    const client = openTestClient({ ...cloud, clock, timeoutMs: 1e9 })
    const calls = Array.from({ length: 150 }, () => client.call(query))
    await passing(clock, Promise.all(calls))
    // What was under way when the first answer told of the limit may be refused, once.
    const refused = client.told.length
    await passing(clock, Promise.all(calls.map(() => client.call(query))))
    assert.equal(client.told.length, refused)
  })
})

suite('a client of a server that may do anything', () => {
  let server: MisbehavingServer
  let manner: Manner
  let tokens: number

  beforeEach(async () => {
    tokens = 0
    manner = (response) => answer(response, 200)
    server = await startServer((response, seen, index) => {
      if (seen.path !== '/oauth/token') return manner(response, seen, index)
      answer(response, 200, { access_token: `token-${++tokens}`, expires_in: 3600 })
    })
  })
  afterEach(() => server.close())

  const open = (options: Partial<Parameters<typeof openTestClient>[0]> = {}) =>
    openTestClient({ host: server.url.host, tries: 1, ...options })
  const calls = () => server.seen.filter(({ path }) => path !== '/oauth/token')

  test('asks for one token, however many calls want one', async () => {
    const client = open()
    await Promise.all([client.call(users), client.call(users), client.call(users)])
    assert.equal(tokens, 1)
    assert.ok(calls().every(({ headers }) => headers.authorization === 'Bearer token-1'))
  })

  test('exchanges a token before it expires', async () => {
    const clock = steppedClock()
    const client = open({ clock, timeoutMs: 1e9 })
    await client.call(users)
    await clock.advance(3_539_000)
    await client.call(users)
    assert.equal(tokens, 1)
    await clock.advance(2000)
    await client.call(users)
    assert.equal(tokens, 2)
  })

  test('asks for one other token where none is taken', async () => {
    manner = (response) => answer(response, 401)
    await assert.rejects(open().call(users), fails('INL_GEN_TOKEN'))
    assert.equal(tokens, 2)
    assert.equal(calls().length, 2)
  })

  test('follows no redirect', async () => {
    manner = (response) => response.writeHead(302, { location: server.url.href }).end()
    await assert.rejects(open().call(users), fails('INL_GEN_ANSWER'))
    assert.equal(calls().length, 1)
  })

  test('reads no more of an answer than it may', async () => {
    manner = (response) => {
      response.writeHead(200)
      const pour = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, 0x20)));
      }
      response.on('drain', pour)
      pour()
    }
    await assert.rejects(open({ bodyBytes: 2 ** 20 }).call(users), fails('INL_GEN_ANSWER'))
  })

  test('takes no answer that is not JSON', async () => {
    manner = (response) => response.end('<html>Please log in</html>')
    await assert.rejects(open().call(users), fails('INL_GEN_ANSWER'))
  })

  test('takes refusals of any shape', async () => {
    for (const body of ['', 'null', '[]', '{"message":null}', '{"message":{"a":1}}', '\u0000']) {
      manner = (response) => response.writeHead(400).end(body)
      await assert.rejects(open().call(users), fails('INL_GEN_REFUSED'))
    }
  })

  test('does not wait for ever for an answer or for the rest of one', async () => {
    for (const silent of [
      () => undefined,
      (response: { write(text: string): unknown }) => response.write('{'),
    ]) {
      manner = (response) => void silent(response)
      const client = open({ timeoutMs: 50 })
      await assert.rejects(client.call(users), fails('INL_GEN_UNREACHABLE'))
    }
  })

  test('sends again what may be, and nothing else', async () => {
    const clock = steppedClock()
    const client = open({ clock, timeoutMs: 1e9, tries: 3 })
    manner = (response) => answer(response, 500)
    await assert.rejects(passing(clock, client.call(users)), fails('INL_GEN_FAILED'))
    assert.equal(calls().length, 3)
    await assert.rejects(passing(clock, client.call(query)), fails('INL_GEN_FAILED'))
    assert.equal(calls().length, 4)
    manner = hangUp
    const posted = passing(clock, client.call({ ...query, repeatable: true }))
    await assert.rejects(posted, fails('INL_GEN_UNREACHABLE'))
    assert.equal(calls().length, 7)
  })

  test('names a host that nobody answers at', async () => {
    const host = `127.0.0.1:${await freePort()}`
    await assert.rejects(open({ host }).call(users), (error) => {
      assert.match(String(error), new RegExp(`${host} cannot be reached: .*ECONNREFUSED`))
      return hasCode(error, 'INL_GEN_UNREACHABLE')
    })
  })

  test('goes nowhere but to the API of its organisation', async () => {
    const client = open()
    for (const uri of [
      'https://evil.example/api/v2/users',
      '//evil.example/api/v2/x',
      '/etc',
      '',
    ]) {
      assert.throws(() => client.follow(uri), fails('INL_GEN_FOREIGN_URL'))
      await assert.rejects(client.call({ ...users, path: uri }), fails('INL_GEN_FOREIGN_URL'))
    }
    assert.deepEqual(client.follow('/api/v2/users?pageNumber=2'), {
      method: 'GET',
      path: '/api/v2/users?pageNumber=2',
    })
    assert.equal(server.seen.length, 0)
  })
})

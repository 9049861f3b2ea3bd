/** How often Genesys Cloud is asked by all processes of an Inlet together. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { perMinuteOf } from '../../../src/app/genesys-access.ts'
import { seededRandom } from '../../../src/core/random.ts'
import { urgencies } from '../../../src/genesys/client.ts'
import { defaultClientOptions, openGenesysClient } from '../../../src/genesys/open-client.ts'
import { steppedClock } from '../../support/stepped-clock.ts'

const MINUTE = 60_000
/** The platform's own: the 301st is refused. */
const LIMIT = 300

test('what processes may ask in a minute is together what one client may', () => {
  const sum = Object.values(perMinuteOf).reduce((all, part) => all + part, 0)
  assert.equal(sum, defaultClientOptions.perMinute)
})

test('in no 60 seconds do all processes together ask more often', async () => {
  const seed = 23
  const random = seededRandom(seed)
  const clock = steppedClock()
  const times: number[] = []
  const answer = async (url: unknown) => {
    if (String(url).includes('/oauth/token'))
      return Response.json({ access_token: 'token', token_type: 'bearer', expires_in: 50 })
    times.push(clock.elapsed())
    const drawn = random.next()
    if (drawn < 0.1)
      return Response.json(
        {},
        { status: 429, headers: { 'retry-after': `${drawn * 50}`.slice(0, 1) } },
      )
    if (drawn < 0.2) return Response.json({}, { status: drawn < 0.15 ? 503 : 401 })
    return Response.json({ entities: [] })
  }
  const stop = new AbortController()
  const asking = Object.values(perMinuteOf).flatMap((perMinute) => {
    const client = openGenesysClient(
      {
        clock,
        random,
        fetch: answer as typeof fetch,
        observer: () => undefined,
        credentials: async () => ({ clientId: 'id', clientSecret: 'secret' }),
      },
      { ...defaultClientOptions, org: 'prod', host: 'mypurecloud.de', perMinute },
    )
    // Many at once, of every urgency, who go on asking.
    return Array.from({ length: 30 }, async (_, index) => {
      const urgency = urgencies[index % urgencies.length] ?? 'low'
      const call = { method: 'GET', path: '/api/v2/users', urgency, signal: stop.signal } as const
      while (!stop.signal.aborted) await client.call(call).catch(() => undefined)
    })
  })
  for (let at = 0; at < 10 * MINUTE; at += 500) {
    await settled()
    await clock.advance(500)
  }
  stop.abort(new Error('enough'))
  await clock.advance(MINUTE)
  await Promise.all(asking)
  const most = Math.max(...times.map((at) => within(times, at)))
  assert.ok(most <= defaultClientOptions.perMinute && most < LIMIT, `${most}, seed ${seed}`)
  // They ask as fast as they may: a limit that nobody meets would prove nothing.
  assert.ok(most > 0.9 * defaultClientOptions.perMinute, `${most}, seed ${seed}`)
  assert.ok(times.length > 8 * 0.9 * defaultClientOptions.perMinute, `${times.length}`)
})

/** Lets everybody go as far as they come at this moment. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** How many begin in the 60 seconds that begin then. */
function within(times: readonly number[], from: number): number {
  return times.filter((at) => at >= from && at < from + MINUTE).length
}

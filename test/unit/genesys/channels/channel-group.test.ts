/** Channels over real sockets of a simulated Genesys Cloud that goes wrong. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { type Clock, systemClock } from '../../../../src/core/clock.ts'
import { seededRandom } from '../../../../src/core/random.ts'
import { type ChannelGap, ChannelGroup } from '../../../../src/genesys/channels/channel-group.ts'
import { SILENT_MS } from '../../../../src/genesys/channels/slot.ts'
import type { EventFields, EventName } from '../../../../src/observe/events.ts'
import { openTestClient, startTestCloud, type TestCloud } from '../../../support/cloud.ts'

let cloud: TestCloud
let group: ChannelGroup | null = null
let heard: string[]
let gaps: ChannelGap[]
let told: [EventName, EventFields][]
/** How much later it is than it is. */
let skewMs: number

beforeEach(async () => {
  cloud = await startTestCloud()
  heard = []
  gaps = []
  told = []
  skewMs = 0
})
afterEach(async () => {
  await group?.stop()
  group = null
  await cloud.stop()
})

/** Waits without an end: a test that hangs says where. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await systemClock.sleep(5)
}

const topicsOf = (count: number) =>
  Array.from({ length: count }, (_, index) => `v2.users.user-${index}.presence`)

async function open(topics: readonly (readonly string[])[]): Promise<ChannelGroup> {
  const clock: Clock = { ...systemClock, elapsed: () => systemClock.elapsed() + skewMs }
  const client = openTestClient({ ...cloud, tries: 1 })
  const opened = new ChannelGroup(
    {
      ...{ client, clock, random: seededRandom(3) },
      observer: (event, fields = {}) => void told.push([event, fields]),
      onEvent: (_, bytes) => void heard.push(JSON.parse(String(bytes)).eventBody.n),
      onGap: (gap) => void gaps.push(gap),
    },
    { topics, provenAt: clock.now() },
  )
  group = opened
  await opened.start()
  await until(() => gaps.length === topics.length)
  gaps.splice(0)
  return opened
}

let said = 0
function say(topic = topicsOf(1)[0] ?? ''): number {
  return cloud.notify(topic, { topicName: topic, version: '2', eventBody: { n: String(++said) } })
}

const seen = (event: EventName) =>
  told.filter(([name]) => name === event).map(([, fields]) => fields)

suite('channels', () => {
  test('are opened again when they are closed without a word, and tell the gap', async () => {
    await open([topicsOf(3)])
    const before = systemClock.now()
    say()
    await until(() => heard.length === 1)
    cloud.closeSockets(false)
    await until(() => gaps.length === 1)
    assert.equal(say(), 1)
    await until(() => heard.length === 2)
    const [{ from, to, reason, channel, topics } = assert.fail()] = gaps
    assert.deepEqual([reason, channel, topics], ['closed', 'prod/0', topicsOf(3)])
    assert.ok(before <= from && from <= to && to <= systemClock.now())
  })

  test('get a token anew where theirs has expired', async () => {
    await open([topicsOf(1)])
    cloud.expireTokens()
    cloud.closeSockets(false)
    await until(() => gaps.length === 1)
    assert.equal(say(), 1)
  })

  test('are moved before their server goes away', async () => {
    await open([topicsOf(1)])
    const said: { readonly n: string; readonly at: number }[] = []
    const [topic = ''] = topicsOf(1)
    const next = () => {
      const n = `closing-${said.length}`
      said.push({ n, at: systemClock.now() })
      return cloud.notify(topic, { topicName: topic, version: '2', eventBody: { n } })
    }
    next()
    const announcedAt = systemClock.now()
    cloud.closeSockets(true)
    // The socket that takes its place has the first one closed.
    while (gaps.length === 0) {
      next()
      await systemClock.sleep(1)
    }
    assert.equal(next(), 1)
    await until(() => heard.includes(said.at(-1)?.n ?? ''))
    const [{ from, to } = assert.fail(), ...others] = gaps
    assert.deepEqual(others, [], 'one gap, which its note tells')
    assert.ok(announcedAt <= to && from <= to)
    const missed = said.filter(({ n }) => !heard.includes(n))
    assert.deepEqual(
      missed.filter(({ at }) => at < from || at > to),
      [],
      'whatever did not come lies within it',
    )
  })

  test('are made anew where Genesys knows theirs no more', async () => {
    await open([topicsOf(1)])
    const other = openTestClient({ ...cloud, tries: 1 })
    // Of one client: the first ones have to go.
    for (let count = 0; count < 20; count++)
      await other.call({ method: 'POST', path: '/api/v2/notifications/channels' })
    cloud.closeSockets(false)
    await until(() => gaps.length === 1)
    assert.equal(say(), 1)
  })

  test('are opened again where they fall silent', async () => {
    await open([topicsOf(1)])
    skewMs += SILENT_MS
    await until(() => gaps.length === 1)
    assert.equal(gaps[0]?.reason, 'silent')
    assert.equal(say(), 1)
  })

  test('carry every topic but the one that is refused, which is named', async () => {
    const good = topicsOf(2)
    await open([[good[0] ?? '', 'v2.nothing.of.this.name', good[1] ?? '']])
    for (const topic of good) assert.equal(say(topic), 1)
    await until(() => heard.length === 2)
    assert.deepEqual(seen('channel_topic_rejected'), [
      { channel: 'prod/0', topic: 'v2.nothing.of.this.name', reason: 'Invalid topic.' },
    ])
  })

  test('say which permission is missing for a topic', async () => {
    cloud.faults.missingPermissions = ['analytics:queueObservation:view']
    await open([[...topicsOf(1), 'v2.analytics.queues.q.observations']])
    const [{ reason } = assert.fail()] = seen('channel_topic_rejected')
    assert.match(String(reason), /analytics:queueObservation:view/)
  })

  test('are exchanged under load without a loss and without a gap', async () => {
    const opened = await open([topicsOf(1), ['v2.users.other.presence']])
    const from = said + 1
    let isOver = false
    const talking = (async () => {
      for (; !isOver; await systemClock.sleep(1)) assert.ok(say() >= 1)
    })()
    opened.change([[...topicsOf(1), 'v2.users.new.presence'], ['v2.users.other.presence']])
    await until(
      () =>
        cloud.notify('v2.users.new.presence', {
          topicName: 'v2.users.new.presence',
          eventBody: { n: 'new' },
        }) > 0,
    )
    await until(() => heard.includes('new'))
    // Both are listened to for a while.
    await until(() => new Set(heard).size < heard.length)
    isOver = true
    await talking
    await until(() => heard.includes(String(said)))
    const numbers = new Set(heard)
    for (let number = from; number <= said; number++)
      assert.ok(numbers.has(String(number)), `${number}`)
    assert.deepEqual(gaps, [])
  })

  test('prove nothing before any is known, and are opened as there are more', async () => {
    const opened = await open([])
    const { provenAt } = opened
    assert.ok(provenAt <= systemClock.now())
    await systemClock.sleep(5)
    assert.equal(opened.provenAt, provenAt)
    opened.change([topicsOf(1)])
    await until(() => gaps.length === 1)
    assert.deepEqual([gaps[0]?.channel, gaps[0]?.from], ['prod/0', provenAt])
    await until(() => opened.provenAt > provenAt)
    const grownAt = systemClock.now()
    const other = 'v2.users.other.presence'
    opened.change([topicsOf(1), [other]])
    await until(() => gaps.length === 2)
    assert.equal(gaps[1]?.channel, 'prod/1')
    assert.ok((gaps[1]?.from ?? 0) >= grownAt)
    assert.deepEqual([say(), say(other)], [1, 1])
    await until(() => heard.length === 2)
  })

  test('let nothing in while they are paused, also where they are opened again', async () => {
    const opened = await open([topicsOf(1)])
    opened.pause()
    skewMs += SILENT_MS
    await until(() => gaps.length === 1)
    assert.equal(say(), 1)
    await systemClock.sleep(50)
    assert.deepEqual(heard, [])
    opened.resume()
    await until(() => heard.includes(String(said)))
  })

  test('never name the address of a channel', async () => {
    await open([topicsOf(1)])
    cloud.faults.failing = { status: 500, times: 1 }
    cloud.closeSockets(false)
    await until(() => gaps.length === 1)
    assert.doesNotMatch(JSON.stringify([told, gaps]), /streaming-0|ws:/)
  })
})

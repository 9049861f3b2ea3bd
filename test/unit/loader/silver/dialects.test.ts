/** The same happenings told in several dialects are the same rows of silver (R6). */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { seededRandom } from '../../../../src/core/random.ts'
import { agentDays } from '../../../../src/simulator/centre/agent-day.ts'
import {
  type Conversation,
  tellConversation,
} from '../../../../src/simulator/centre/conversation.ts'
import type { Happening } from '../../../../src/simulator/centre/happening.ts'
import { queueWatch } from '../../../../src/simulator/centre/queue-watch.ts'
import { makeWorld } from '../../../../src/simulator/centre/world.ts'
import { type ToldDialect, tellers } from '../../../../src/simulator/render/dialects.ts'
import {
  arrivalsOf,
  openSilver,
  type Silver,
  type SilverRow,
} from '../../../support/silver-rows.ts'

const silver: Silver = await openSilver()
after(() => silver.close())

const startAt = Date.UTC(2026, 0, 1, 9)
const world = makeWorld(seededRandom(1))
const random = seededRandom(7)
const conversations = Array.from({ length: 24 }, () =>
  tellConversation({ world, random }, { startAt }),
)

/** What happens outside of conversations. */
function apart(): Happening[] {
  const [agent] = world.agents
  const [queue] = world.queues
  assert.ok(agent !== undefined && queue !== undefined)
  const watch = queueWatch(seededRandom(3), { queue, startAt }).take(20)
  return [...agentDays(seededRandom(2), { agent, startAt }).take(40), ...watch]
}

const told: readonly (readonly [Happening, Conversation | null])[] = [
  ...conversations.flatMap((one) => one.happenings.map((happening) => [happening, one] as const)),
  ...apart().map((happening) => [happening, null] as const),
]

async function rowsIn(dialect: ToldDialect): Promise<{ events: number; rows: SilverRow[] }> {
  const teller = tellers[dialect]
  const lines = told
    .filter(([happening]) => teller.tells.has(happening.type))
    .map(([happening, conversation]) => {
      const scene = { world, random: seededRandom(5), conversation }
      return JSON.stringify(teller.render(happening, scene).value)
    })
  return {
    events: lines.length,
    rows: await silver.rows(arrivalsOf(Buffer.from(lines.join('\n')))),
  }
}

/** Of the route, not of what happened. */
const ofRoute = ['event_id', 'org_id', 'record_id']

function happened({ table, ...row }: SilverRow): object {
  const left = table === 'silver.queue_observations' ? [...ofRoute, 'event_time', 'date'] : ofRoute
  return {
    table,
    ...Object.fromEntries(Object.entries(row).filter(([key]) => !left.includes(key))),
  }
}

describe('one happening in several dialects', () => {
  it('is the same row by EventBridge and by a notification channel', async () => {
    const [bus, channel] = [await rowsIn('eventbridge'), await rowsIn('notification')]
    assert.deepEqual(bus.rows.map(happened), channel.rows.map(happened))
    assert.equal(new Set(bus.rows.map(({ position }) => position)).size, bus.events)
    assert.deepEqual(
      bus.rows.filter(({ table }) => /violations|other_events/.test(table)),
      [],
    )
  })

  it('has the figures of the conversation in each', async () => {
    const details = await rowsIn('conversation-detail')
    const snapshots = await rowsIn('analytics-notification')
    for (const { contact, truth } of conversations) {
      const own = ({ conversation_id: id }: SilverRow) => id === contact.conversationId
      const sessions = details.rows.filter(own)
      const last = snapshots.rows.filter(own).at(-1)
      const sum = (name: string) =>
        sessions.reduce((all, session) => all + Number(session[name] ?? 0), 0)
      assert.deepEqual(
        [last?.['talk_ms'], last?.['hold_ms'], last?.['acw_ms'], last?.['media_type']],
        [sum('talk_ms'), sum('held_ms'), sum('acw_ms'), truth.mediaType],
      )
    }
  })

  it('is told of without violations in every dialect', async () => {
    for (const dialect of ['analytics-notification', 'event-subscription'] as const) {
      const { events, rows } = await rowsIn(dialect)
      assert.equal(rows.length, events)
      const media = new Set(rows.map(({ media_type: medium }) => medium))
      assert.ok(media.has('voice') && !media.has('call') && !media.has('webchat'))
    }
  })
})

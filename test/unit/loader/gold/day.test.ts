/** A day of traffic in every dialect, through silver into gold: held against the truth. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { seededRandom } from '../../../../src/core/random.ts'
import type { SqlRow } from '../../../../src/lake/sql/duckdb.ts'
import { agentWorkSql } from '../../../../src/loader/gold/agent-intervals.ts'
import { conversationsSql } from '../../../../src/loader/gold/conversations.ts'
import { queueIntervalsSql } from '../../../../src/loader/gold/queue-intervals.ts'
import type { Conversation } from '../../../../src/simulator/centre/conversation.ts'
import { tellConversation } from '../../../../src/simulator/centre/conversation.ts'
import { makeWorld } from '../../../../src/simulator/centre/world.ts'
import { type ToldDialect, tellers } from '../../../../src/simulator/render/dialects.ts'
import { codeName } from '../../../../src/simulator/render/snapshot.ts'
import {
  type FaultRates,
  harmlessFaults,
  withFaults,
} from '../../../../src/simulator/traffic/faults.ts'
import { telling } from '../../../../src/simulator/traffic/telling.ts'
import { openSilver, type Silver, type SilverRow, shuffled } from '../../../support/silver.ts'
import { arrivalsOf, openSilver as openSilverRows } from '../../../support/silver-rows.ts'

const bronze = await openSilverRows()
after(() => bronze.close())

const startAt = Date.parse('2026-03-01T08:00:00Z')

/** Bodies to rows of silver by table, as the loader would make them. */
async function silverOf(bodies: readonly Buffer[]): Promise<Silver> {
  const arrivals = bodies.flatMap((body, index) => arrivalsOf(body, index))
  const rows = await bronze.rows(arrivals)
  const byTable = Object.groupBy(rows, ({ table }) => table.replace('silver.', ''))
  return byTable as Silver
}

async function query(silver: Silver, sql: string): Promise<SqlRow[]> {
  const { engine, dispose } = await openSilver(silver)
  try {
    return await engine.rows(`FROM (${sql}) ORDER BY ALL`)
  } finally {
    await dispose()
  }
}

const faults: FaultRates = { ...harmlessFaults, repeated: 1, rewritten: 0.1, late: 0.2 }

/** Everything twice, late, with drift, in no order. */
function dayOf(seed: number) {
  const random = seededRandom(seed)
  const world = makeWorld(random)
  const truths = new Map<string, { conversation: Conversation; dialect: ToldDialect }>()
  const told = telling(
    { world, random },
    {
      events: 4000,
      startAt,
      conversationsPerSecond: 0.02,
      mix: {
        eventbridge: 3,
        notification: 3,
        'analytics-notification': 2,
        'event-subscription': 2,
        'conversation-detail': 2,
      },
      onConversation: (conversation, dialect) =>
        truths.set(conversation.contact.conversationId, { conversation, dialect }),
    },
  )
  const parcels = [...withFaults(told, seededRandom(seed + 1), faults)]
  return { world, truths, bodies: shuffled(parcels, 3).map(({ bytes }) => Buffer.from(bytes)) }
}

const { world, truths, bodies } = dayOf(31)
const silver = await silverOf(bodies)
const gold = new Map(
  (await query(silver, conversationsSql)).map((row) => [String(row['conversation_id']), row]),
)

const ids = ['conversation_id', 'media_type', 'direction']
const lists = ['queue_ids', 'user_ids', 'wrap_up_codes']
const times = ['start_time', 'end_time']
const durations = ['wait_ms', 'talk_ms', 'hold_ms', 'acw_ms', 'handle_ms', 'transfers']

/** What the truth says, in the columns of gold. */
function truthOf({ truth }: Conversation): Record<string, unknown> {
  return {
    conversation_id: truth.conversationId,
    media_type: truth.mediaType,
    direction: truth.direction,
    queue_ids: truth.queueIds,
    user_ids: truth.userIds,
    wrap_up_codes: truth.wrapUpCodes,
    start_time: truth.start,
    end_time: truth.end,
    wait_ms: truth.waitMs,
    talk_ms: truth.talkMs,
    hold_ms: truth.holdMs,
    acw_ms: truth.acwMs,
    handle_ms: truth.handleMs,
    transfers: truth.transfers,
    abandoned: truth.abandoned,
  }
}

function figuresOf(row: SqlRow | undefined): Record<string, unknown> {
  const entries = Object.entries(row ?? {}).map(([name, value]) => {
    if (typeof value === 'bigint') return [name, Number(value)]
    return [name, value instanceof Date ? value.getTime() : value]
  })
  return Object.fromEntries(entries)
}

function check(dialects: readonly ToldDialect[], names: readonly string[], change = {}) {
  const own = [...truths.values()].filter(({ dialect }) => dialects.includes(dialect))
  assert.ok(own.length > 10)
  for (const { conversation } of own) {
    const truth = { ...truthOf(conversation), ...mapped(change, conversation) }
    const row = figuresOf(gold.get(conversation.contact.conversationId))
    const pick = (from: Record<string, unknown>) => names.map((name) => [name, from[name]])
    assert.deepEqual(pick(row), pick(truth))
  }
}

type Change = Readonly<Record<string, (conversation: Conversation) => unknown>>
const mapped = (change: Change, conversation: Conversation) =>
  Object.fromEntries(Object.entries(change).map(([name, of]) => [name, of(conversation)]))

const codeNames = ({ truth }: Conversation) => truth.wrapUpCodes.map((id) => codeName(world, id))

test('each conversation is there once, whatever told of it', () => {
  assert.deepEqual([...gold.keys()].toSorted(), [...truths.keys()].toSorted())
})

test('told by detail events or an Analytics record, every figure is the truth', () => {
  const all = [...ids, ...lists, ...times, ...durations, 'abandoned']
  check(['eventbridge', 'notification', 'conversation-detail'], all)
})

test('told by the webhook of the data-lake guide, what it carries is the truth', () => {
  const carried = [...ids, ...lists, ...times, 'wait_ms', 'talk_ms', 'hold_ms', 'acw_ms']
  check(['analytics-notification'], carried, { wrap_up_codes: codeNames })
})

test('told by the webhook of the Firehose guide, what it carries is the truth', () => {
  const carried = ['conversation_id', 'direction', 'user_ids', 'wrap_up_codes', ...times]
  check(['event-subscription'], carried, { wrap_up_codes: codeNames })
})

test('the same conversations through EventBridge and channels make the same rows', async () => {
  const random = seededRandom(77)
  const conversations = Array.from({ length: 60 }, (_, index) =>
    tellConversation(
      { world, random },
      { startAt: Date.parse('2026-03-01T08:00:00Z') + index * 60_000 },
    ),
  )
  const through = async (dialect: 'eventbridge' | 'notification') => {
    const teller = tellers[dialect]
    const told = conversations.flatMap((conversation) =>
      conversation.happenings
        .filter(({ type }) => teller.tells.has(type))
        .map((happening) => teller.render(happening, { world, random, conversation }).value),
    )
    const rows = await silverOf(told.map((value) => Buffer.from(JSON.stringify(value))))
    return Promise.all([
      query(withoutOrg(rows), conversationsSql),
      query(withoutOrg(rows), queueIntervalsSql(options)),
      query(withoutOrg(rows), agentWorkSql('UTC')),
    ])
  }
  assert.deepEqual(await through('eventbridge'), await through('notification'))
})

const options = {
  timeZone: 'UTC',
  serviceLevel: new Map([['voice', 20_000]]),
  shortAbandonMs: 5000,
}

/** A channel names no organisation: its source does, which is not on this road. */
function withoutOrg(silver: Silver): Silver {
  const without = (rows: readonly SilverRow[]) => rows.map((row) => ({ ...row, org_id: null }))
  return Object.fromEntries(Object.entries(silver).map(([name, rows]) => [name, without(rows)]))
}

/**
 * A day of traffic in every dialect, through the loader's own rounds into gold: every figure of
 * conversations, queues and agents is held against the truth.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, test } from 'node:test'
import { realMachine } from '../../../../src/app/machine.ts'
import { withPartition } from '../../../../src/app/operator-journal.ts'
import { seededRandom } from '../../../../src/core/random.ts'
import type { Recognised } from '../../../../src/event/envelope.ts'
import type { EventEntry } from '../../../../src/journal/entry.ts'
import type { SqlRow } from '../../../../src/lake/sql/duckdb.ts'
import { agentWorkSql } from '../../../../src/loader/gold/agent-intervals.ts'
import { conversationsSql } from '../../../../src/loader/gold/conversations.ts'
import { queueIntervalsSql } from '../../../../src/loader/gold/queue-intervals.ts'
import type { Conversation } from '../../../../src/simulator/centre/conversation.ts'
import { tellConversation } from '../../../../src/simulator/centre/conversation.ts'
import type { Happening } from '../../../../src/simulator/centre/happening.ts'
import { makeWorld } from '../../../../src/simulator/centre/world.ts'
import { type ToldDialect, tellers } from '../../../../src/simulator/render/dialects.ts'
import { codeName } from '../../../../src/simulator/render/snapshot.ts'
import {
  type FaultRates,
  harmlessFaults,
  withFaults,
} from '../../../../src/simulator/traffic/faults.ts'
import { type Told, telling } from '../../../../src/simulator/traffic/telling.ts'
import { agentTruth, queueTruth, sums, workTruth } from '../../../support/gold-truth.ts'
import { configAt, openDesk, plainConfig } from '../../../support/shell.ts'
import { openSilver, type Silver, type SilverRow, shuffled } from '../../../support/silver.ts'
import { arrivalsOf, openSilver as openSilverRows } from '../../../support/silver-rows.ts'

const bronze = await openSilverRows()
after(() => bronze.close())

const DAY_MS = 86_400_000
const now = realMachine.clock.now()
/** The day before yesterday at eight: nothing takes it for older than it is kept. */
const startAt = now - (now % DAY_MS) - 2 * DAY_MS + DAY_MS / 3

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

const ofTopics = [tellers.eventbridge, tellers.notification]

/** Everything twice, late, with drift, in no order. */
function dayOf(seed: number) {
  const random = seededRandom(seed)
  const world = makeWorld(random)
  const truths = new Map<string, { conversation: Conversation; dialect: ToldDialect }>()
  const happenings: Happening[] = []
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
  const heard = (one: Told) => {
    // Webhooks tell of a conversation at such a moment, and not of the agent.
    if (one.happening.type !== 'agent.state' || ofTopics.includes(one.teller))
      happenings.push(one.happening)
    return one
  }
  const parcels = [...withFaults(told.map(heard), seededRandom(seed + 1), faults)]
  const bodies = shuffled(parcels, 3).map(({ bytes }) => Buffer.from(bytes))
  return { world, truths, happenings, bodies }
}

const { world, truths, happenings, bodies } = dayOf(31)

/** What can be read of a delivery, as the door journals it. */
function entriesOf(body: Buffer, index: number): EventEntry[] {
  return arrivalsOf(body).map((arrival) => ({
    kind: 'event',
    envelope: {
      ...(arrival as unknown as Recognised),
      ...{ orgId: world.orgId, source: 'trial', sender: 'tester', headers: '{}' },
      receivedAt: startAt + DAY_MS + index,
      body: arrival.body ?? Buffer.alloc(0),
      bodySha256: createHash('sha256')
        .update(arrival.body ?? '')
        .digest(),
    },
  }))
}

const desk = await openDesk()
after(() => desk.dispose())

/** The rows of three tables of gold, as whoever asks gets them. */
async function land(): Promise<SqlRow[][]> {
  await desk.write('inlet.yaml', `${plainConfig}gold: { shortAbandon: 5s }\n`)
  const at = { config: await configAt(desk), partition: 'gateway-0' }
  await withPartition(realMachine, at, (journal) => journal.append(bodies.flatMap(entriesOf)))
  const { code, stderr } = await desk.run('loader', '--once')
  assert.equal(code, 0, stderr)
  const tables = ['conversations', 'queue_intervals', 'agent_intervals']
  const rows: SqlRow[][] = []
  for (const table of tables) {
    const found = await desk.run('query', '--json', `FROM gold.${table}`)
    rows.push(JSON.parse(found.stdout))
  }
  return rows
}

const [conversations = [], queueRows = [], agentRows = []] = await land()
const gold = new Map(conversations.map((row) => [String(row['conversation_id']), row]))

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
  const isTime = (name: string, value: unknown) => times.includes(name) && value !== null
  return Object.fromEntries(
    Object.entries(row ?? {}).map(([name, value]) => [
      name,
      isTime(name, value) ? Date.parse(String(value)) : value,
    ]),
  )
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

/** Conversations that only webhooks tell of have no moments. */
const momentous: readonly ToldDialect[] = ['eventbridge', 'notification', 'conversation-detail']
const toldByMoment = [...truths.values()]
  .filter(({ dialect }) => momentous.includes(dialect))
  .map(({ conversation }) => conversation)

function intervals(
  rows: readonly SqlRow[],
  key: readonly string[],
  names: readonly string[],
): Map<string, object> {
  const half = (row: SqlRow) => new Date(String(row['interval_start'])).toISOString()
  return new Map(
    rows.map((row) => [
      [...key.map((name) => row[name]), half(row)].join(' '),
      Object.fromEntries(names.map((name) => [name, row[name]])),
    ]),
  )
}

/** Both in one order, so that what differs is seen. */
function same(found: ReadonlyMap<string, object>, truth: ReadonlyMap<string, object>): void {
  assert.ok(truth.size > 10)
  const sorted = (map: ReadonlyMap<string, object>) =>
    [...map].toSorted(([one], [other]) => (one < other ? -1 : 1))
  assert.deepEqual(sorted(found), sorted(truth))
}

test('what happened at each queue in each half hour is the truth', () => {
  const limits = { withinMs: 20_000, shortMs: 5000 }
  const found = intervals(queueRows, ['queue_id', 'media_type'], sums.queues)
  same(found, queueTruth(toldByMoment, limits))
})

test('what each agent did in each half hour is the truth', () => {
  const done = agentRows.filter(({ kind }) => kind === 'handling')
  same(intervals(done, ['user_id', 'state'], sums.work), workTruth(toldByMoment))
})

test('the time of each agent in each state is the truth', () => {
  const states = agentRows.filter(({ kind }) => kind !== 'handling')
  const key = ['user_id', 'kind', 'state']
  same(intervals(states, key, ['state_ms', 'entered']), agentTruth(happenings))
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

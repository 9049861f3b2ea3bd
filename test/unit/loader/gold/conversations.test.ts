import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { seededRandom } from '../../../../src/core/random.ts'
import type { JsonObject } from '../../../../src/event/json.ts'
import type { SqlRow } from '../../../../src/lake/sql/duckdb.ts'
import { conversationsSql } from '../../../../src/loader/gold/conversations.ts'
import {
  type Conversation,
  tellConversation,
} from '../../../../src/simulator/centre/conversation.ts'
import { makeWorld } from '../../../../src/simulator/centre/world.ts'
import { detailRecord } from '../../../../src/simulator/render/conversation-detail.ts'
import {
  detailRows,
  eventRows,
  openSilver,
  type Silver,
  type SilverRow,
  shuffled,
} from '../../../support/silver.ts'

const startAt = Date.parse('2026-03-01T09:00:00Z')
const random = seededRandom(7)
const world = makeWorld(random)
const conversations = Array.from({ length: 400 }, (_, index) =>
  tellConversation({ world, random }, { startAt: startAt + index * 30_000 }),
)
const events = conversations.flatMap((one) => eventRows(one, world.orgId))

const figures = [
  ...['conversation_id', 'org_id', 'media_type', 'direction', 'queue_ids', 'user_ids'],
  ...['wrap_up_codes', 'abandoned', 'told_by', 'provisional'],
]
const numbers = ['wait_ms', 'talk_ms', 'hold_ms', 'acw_ms', 'handle_ms', 'transfers']
const asDouble = (name: string) => `${name}::DOUBLE AS ${name}`
const times = ['start_time', 'end_time']

async function gold(silver: Silver): Promise<SqlRow[]> {
  const { engine, dispose } = await openSilver(silver)
  try {
    return await engine.rows(`
      SELECT ${figures.join(', ')}, ${numbers.map(asDouble).join(', ')},
        ${times.map((name) => `epoch_ms(${name})::DOUBLE AS ${name}`).join(', ')}
      FROM (${conversationsSql}) ORDER BY conversation_id`)
  } finally {
    await dispose()
  }
}

function truthOf({ truth }: Conversation, toldBy: string): SqlRow {
  return {
    conversation_id: truth.conversationId,
    org_id: world.orgId,
    media_type: truth.mediaType,
    direction: truth.direction,
    queue_ids: truth.queueIds,
    user_ids: truth.userIds,
    wrap_up_codes: truth.wrapUpCodes,
    abandoned: truth.abandoned,
    told_by: toldBy,
    provisional: false,
    wait_ms: truth.waitMs,
    talk_ms: truth.talkMs,
    hold_ms: truth.holdMs,
    acw_ms: truth.acwMs,
    handle_ms: truth.handleMs,
    transfers: truth.transfers,
    start_time: truth.start,
    end_time: truth.end,
  }
}

const truths = (toldBy: string) =>
  conversations
    .map((one) => truthOf(one, toldBy))
    .toSorted((one, other) =>
      `${one['conversation_id']}` < `${other['conversation_id']}` ? -1 : 1,
    )

test('every figure told by detail events is the truth', async () => {
  assert.deepEqual(await gold({ conversation_events: events }), truths('events'))
})

test('order, repetition and a second route change nothing', async () => {
  const otherRoute = events.map((row) => ({ ...row, event_id: 'another', org_id: null }))
  const mixed = shuffled([...events, ...events, ...otherRoute], 3)
  assert.deepEqual(await gold({ conversation_events: mixed }), truths('events'))
})

test('every figure told by Analytics records is the truth', async () => {
  const rows = conversations.flatMap((one) => detailRows(detailRecord(one, 'home'), world.orgId))
  assert.deepEqual(await gold({ conversation_details: rows }), truths('details'))
})

test('the figures of a real record are those that Genesys gives', async () => {
  const text = await readFile('samples/analytics/conversation1.json', 'utf8')
  const parsed = JSON.parse(text) as JsonObject & { conversations?: JsonObject[] }
  const record = parsed.conversations?.[0] ?? parsed
  const [row] = await gold({ conversation_details: detailRows(record, world.orgId) })
  const { talk_ms, hold_ms, handle_ms, wait_ms, abandoned } = row ?? {}
  assert.deepEqual(
    { talk_ms, hold_ms, handle_ms, wait_ms, abandoned },
    { talk_ms: 374_561, hold_ms: 544_176, handle_ms: 918_737, wait_ms: 11_179, abandoned: false },
  )
})

test('a conversation goes on until the customer has left and each part is closed', async () => {
  const one = conversations.find(({ truth }) => truth.legs.length === 2 && truth.visits.length > 0)
  assert.ok(one)
  const rows = eventRows(one, world.orgId)
  const without = (type: string) => rows.filter((row: SilverRow) => row['event_type'] !== type)
  for (const [missing, end] of [
    ['customer.end', null],
    ['user.end', one.truth.end],
    ['acd.end', one.truth.end],
  ] as const) {
    const [row] = await gold({ conversation_events: without(missing) })
    assert.deepEqual([row?.['provisional'], row?.['end_time']], [true, end], missing)
  }
})

test('the record is believed once it knows the end, then events, then webhooks', async () => {
  const [one] = conversations
  assert.ok(one)
  const record = detailRecord(one, 'home')
  const open = detailRows({ ...record, conversationEnd: null }, world.orgId)
  const told = async (silver: Silver) => (await gold(silver)).map((row) => row['told_by'])
  const id = one.contact.conversationId
  const snapshot = { conversation_id: id, event_time: '2026-03-01T09:00:00Z', talk_ms: 5 }
  const rows = eventRows(one, world.orgId)
  const all = { conversation_events: rows, interactions: [snapshot] }
  assert.deepEqual(await told({ ...all, conversation_details: detailRows(record, world.orgId) }), [
    'details',
  ])
  assert.deepEqual(await told({ ...all, conversation_details: open }), ['events'])
  assert.deepEqual(await told({ interactions: [snapshot], conversation_details: open }), [
    'details',
  ])
  assert.deepEqual(await told({ interactions: [snapshot] }), ['interactions'])
})

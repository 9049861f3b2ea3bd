import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { trace } from '../../../src/app/trace.ts'
import { createMemoryJournal } from '../../../src/journal/memory-journal.ts'
import type { QuerySession } from '../../../src/lake/query.ts'
import { conversations } from '../../../src/tables/gold.ts'
import { eventEntry } from '../../support/entries.ts'
import { openTestGold } from '../../support/gold.ts'
import { arrival, openTestLake, type TestLake } from '../../support/lake.ts'
import { openTestSilver } from '../../support/silver-rounds.ts'

const options = { bodies: false, most: 100 }

suite('a trace', () => {
  let lake: TestLake
  let session: QuerySession
  before(async () => {
    lake = await openTestLake()
    await lake.load([
      arrival(0, { eventId: 'event-1' }),
      arrival(1, { eventId: "event-1#0f'", reason: 'id_reused' }),
      arrival(2, { eventId: 'event-10' }),
      arrival(4, { eventId: 'event-10@1760000000000' }),
      arrival(3, { eventId: null, outcome: 'dead_letter', body: Buffer.from('{"event-1') }),
    ])
    session = { query: lake.query, close: () => undefined }
  })
  after(() => lake.dispose())

  async function positions(id: string) {
    const found = await trace({ session, table: lake.table, readers: [] }, { ...options, id })
    return found.map(({ position }) => position)
  }

  test('of an event has what used its id again and what could not be read of it', async () => {
    assert.deepEqual(await positions('event-1'), [0, 1, 3])
    assert.deepEqual(await positions('event-10'), [2, 4])
  })

  test('of a conversation has the gaps of channels that touch its time', async () => {
    const other = await openTestLake({ clock: lake.clock })
    try {
      const at = 1_760_000_000_000
      const event = (position: number, eventTime: number) =>
        arrival(position, { eventId: `e-${position}`, conversationId: 'call', eventTime })
      const gap = (position: number, from: number, to: number) =>
        arrival(position, {
          ...{ outcome: 'note', reason: 'channel_gap', eventId: null, conversationId: null },
          detail: JSON.stringify({ channel: 'prod/0', org: 'prod', from: at + from, to: at + to }),
        })
      const gaps = [gap(2, -50, -10), gap(3, -50, 10), gap(4, 40, 50), gap(5, 101, 150)]
      await other.load([event(0, at), event(1, at + 100), ...gaps])
      const deps = { session: { ...session, query: other.query }, table: other.table, readers: [] }
      const found = await trace(deps, { ...options, id: 'call' })
      assert.deepEqual(found.map(({ position }) => position).sort(), [0, 1, 3, 4])
      const one = await trace(deps, { ...options, id: 'e-0' })
      assert.deepEqual(
        one.map(({ position }) => position),
        [0],
      )
    } finally {
      await other.dispose()
    }
  })

  test('of an event has the rows of silver that were made of it', async () => {
    const other = await openTestLake({ clock: lake.clock })
    try {
      await other.land([arrival(0, { eventId: 'the-event' }), arrival(1)])
      await openTestSilver(other).silver.flush()
      const deps = { session: { ...session, query: other.query }, table: other.table, readers: [] }
      const found = await trace(deps, { ...options, id: 'the-event' })
      assert.deepEqual(
        found.map(({ where, what, detail }) => [where, what, detail]),
        [
          ['lake', 'event', null],
          ['silver', 'silver.agent_states', '{}'],
          [
            'silver',
            'silver.other_events',
            '{"dialect":"eventbridge","topic":"v2.detail.events.conversation.0.customer.end","body":"Grüße"}',
          ],
        ],
      )
    } finally {
      await other.dispose()
    }
  })

  test('of an event or a conversation ends with the row of gold', async () => {
    const other = await openTestGold()
    try {
      await other.load([
        arrival(0, { eventId: 'event-0', conversationId: 'call' }),
        arrival(1, { eventId: 'event-1', conversationId: 'call-1' }),
        arrival(2, { eventId: 'event-2', conversationId: null }),
      ])
      const row = { date: '2026-03-01', bucket: 0, told_by: 'events', queue_ids: ['q'] }
      const rows = ['call', 'call-1'].map((id, talk_ms) => ({ conversation_id: id, talk_ms }))
      await other.landRows(
        conversations,
        rows.map((own) => ({ ...row, ...own })),
      )
      const deps = { session: { ...session, query: other.query }, table: other.table, readers: [] }
      const told = async (id: string) =>
        (await trace(deps, { ...options, id })).map(({ where, what, conversationId, detail }) =>
          where === 'gold' ? [what, conversationId, detail] : where,
        )
      const detail = (talk: number) => `{"queue_ids":["q"],"talk_ms":${talk},"told_by":"events"}`
      assert.deepEqual(await told('event-1'), ['lake', ['gold.conversations', 'call-1', detail(1)]])
      assert.deepEqual(await told('call'), ['lake', ['gold.conversations', 'call', detail(0)]])
      assert.deepEqual(await told('event-2'), ['lake'])
    } finally {
      await other.dispose()
    }
  })

  test('takes an id as it is, whatever stands in it', async () => {
    assert.deepEqual(await positions("event-1#0f'"), [1])
    assert.deepEqual(await positions("' OR true --"), [])
  })

  test('tells what landed while it looked only once', async () => {
    const journal = createMemoryJournal({ journalId: 'j', partition: 'gateway-0' })
    const writer = journal.openWriter()
    await writer.append([eventEntry(0, { id: 'event-1' }), eventEntry(9, { id: 'event-9' })])
    for (let count = 0; count < 2; count++) await writer.append([eventEntry(1, { id: 'event-1' })])
    await writer.append([eventEntry(4, { id: 'event-1' })])
    const deps = { session, table: null, readers: [journal.openReader()] }
    const found = await trace(deps, { ...options, id: 'event-1' })
    assert.deepEqual(found.map(({ where, position }) => `${where} ${position}`).sort(), [
      'journal 2',
      'journal 4',
      'lake 0',
      'lake 1',
      'lake 3',
    ])
  })
})

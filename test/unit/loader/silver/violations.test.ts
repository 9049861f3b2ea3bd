/** What `silver.violations` tells of events that are several rows, and of rows deviating alike. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { arrivalsOf, openSilver, type SilverRow } from '../../../support/silver-rows.ts'

const silver = await openSilver()
after(() => silver.close())

const conversation = '5b1e4a3c-0000-4000-8000-000000000001'

/** A record of five sessions in three participants, each session with `more`. */
const record = (members: object, more: (session: number) => object = () => ({})) => {
  const session = (at: number) => ({
    sessionId: `session-${at}`,
    mediaType: 'voice',
    direction: 'inbound',
    ...more(at),
  })
  const participants = [[0, 1], [2, 3], [4]].map((sessions, at) => ({
    participantId: `participant-${at}`,
    purpose: 'agent',
    sessions: sessions.map(session),
  }))
  return JSON.stringify({
    conversationId: conversation,
    conversationStart: '2026-01-01T09:00:00.000Z',
    ...members,
    participants,
  })
}

async function rowsOf(...bodies: readonly string[]) {
  const rows = await silver.rows(bodies.flatMap((body, at) => arrivalsOf(Buffer.from(body), at)))
  const isTold = ({ table }: SilverRow) => table === 'silver.violations'
  return { own: rows.filter((row) => !isTold(row)), told: rows.filter(isTold) }
}

const brief = ({ position, path, rule, type_seen, session_id, participant_id }: SilverRow) =>
  [position, path, rule, type_seen, participant_id, session_id].map((one) => one ?? '-').join(' ')

test('what deviates in a whole record is told once, not once a row', async () => {
  const { own, told } = await rowsOf(record({ conversationEnd: 'soon' }), record({}))
  assert.equal(own.length, 10)
  assert.deepEqual(told.map(brief), ['0 conversationEnd not_a_time string - -'])
  const [first] = told
  assert.equal(first?.['conversation_id'], conversation)
  assert.equal(first?.['media_type'], 'voice', 'what all of its rows say')
  assert.equal(first?.['topic'], 'conversation.detail')
})

test('each event, path and rule is told by itself', async () => {
  const wrong = record({ conversationEnd: 'soon', originatingDirection: { of: 7 } })
  const { told } = await rowsOf(wrong, record({ conversationEnd: [] }))
  assert.deepEqual(told.map(brief).sort(), [
    '0 conversationEnd not_a_time string - -',
    '0 originatingDirection not_a_text object - -',
    '1 conversationEnd not_a_time array - -',
  ])
})

test('what deviates in one row of several names the row, in some of them none', async () => {
  const wrongIn = (...sessions: readonly number[]) =>
    record({}, (at) => (sessions.includes(at) ? { direction: { of: at } } : {}))
  const { told } = await rowsOf(wrongIn(3), wrongIn(2, 3), wrongIn(0, 4))
  const path = 'participants[].sessions[].direction'
  const kept = told.map((row) => brief(row).replace(` ${path}`, ''))
  assert.deepEqual(kept.sort(), [
    '0 not_a_text object participant-1 session-3',
    '1 not_a_text object participant-1 -',
    '2 not_a_text object - -',
  ])
})

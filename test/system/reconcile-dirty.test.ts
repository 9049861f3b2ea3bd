/** Records of Analytics as they really are: malformed times, no end, metrics that repeat. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { realMachine } from '../../src/app/machine.ts'
import type { TestCloud } from '../support/cloud.ts'
import { type Front, startFront } from '../support/front.ts'
import { openScene, type Scene } from './reconcile-scene.ts'

const sample = new URL('../golden/conversation-detail/official-sample/in.json', import.meta.url)
const day = new Date(realMachine.clock.now() - 3 * 86_400_000).toISOString().slice(0, 10)
const real = readFileSync(sample, 'utf8').replaceAll('2021-04-01', day)

const id = (number: number) => `1bc96a39-6725-40c4-9345-${`${number}`.padStart(12, '0')}`
const record = (number: number, change: object = {}) => {
  const { conversationEnd, ...rest } = JSON.parse(real)
  return { ...rest, conversationEnd, conversationId: id(number), ...change }
}

/** The real sample, and what it may become. */
function records(): object[] {
  const { conversationEnd: _, ...open } = record(3)
  const again = record(4)
  for (const { sessions } of again.participants)
    for (const session of sessions)
      session.metrics.push({ name: 'tHeld', value: 1000, emitDate: 'then' }, null, {
        name: 'tTalk',
      })
  return [
    record(1),
    record(2, { conversationStart: `${day.slice(0, 8)}0T15:30:51.418Z` }),
    open,
    again,
    record(5, {
      conversationStart: null,
      conversationEnd: 'soon',
      mediaStatsMinConversationMos: '',
    }),
    // No records of conversations: without a session, without an id, without anything.
    record(6, { participants: [] }),
    record(7, { conversationId: null }),
    {},
  ]
}

let scene: Scene
let front: Front

/** Answers in place of the cloud what it is asked for an interval. */
async function inFront(cloud: TestCloud): Promise<string> {
  front = await startFront(cloud, ({ url = '' }, outgoing) => {
    if (!url.endsWith('/details/query')) return false
    const found = records()
    outgoing.setHeader('content-type', 'application/json')
    outgoing.end(JSON.stringify({ conversations: found, totalHits: found.length }))
    return true
  })
  return front.host
}

before(async () => {
  scene = await openScene({ front: inFront })
})
after(async () => {
  await scene.dispose()
  front.close()
})

test('dirty records land, each once, and a second run submits nothing', async () => {
  const to = new Date(Date.parse(day) + 2 * 86_400_000).toISOString()
  const first = await scene.reconcile(day, to)
  // Both days tell all of them: what does not say when it began is counted once.
  assert.deepEqual([first.expected, first.missing, first.backFilled], [5, 5, 5])
  assert.equal(first.unreadable, 6)
  await scene.settle()
  const second = await scene.reconcile(day, to)
  assert.deepEqual([second.expected, second.present, second.backFilled], [5, 5, 0])
  const held = JSON.parse(real)
    .participants.flatMap(({ sessions }: { sessions: object[] }) => sessions)
    .filter((session: { metrics: { name: string }[] }) => session.metrics.length > 0).length
  assert.ok(held > 0)
  const rows = await scene.rows(`SELECT conversation_id, start_time IS NOT NULL AS has_start,
      end_time IS NOT NULL AS has_end, provisional, hold_ms, talk_ms
    FROM gold.conversations ORDER BY conversation_id`)
  const [whole] = rows
  assert.deepEqual(
    rows.map((row) => row.conversation_id),
    [1, 2, 3, 4, 5].map(id),
  )
  assert.deepEqual(
    rows.map((row) => [row.has_start, row.has_end]),
    [
      [true, true],
      [true, true],
      [true, false],
      [true, true],
      [true, false],
    ],
  )
  assert.ok(whole.talk_ms > 0)
  assert.deepEqual(new Set(rows.map((row) => row.talk_ms)), new Set([whole.talk_ms]))
  assert.ok(rows[3].hold_ms > whole.hold_ms, 'what repeats is added up')
  assert.ok((await scene.json('audit')).clean)
})

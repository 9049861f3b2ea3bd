import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { type Centre, openCentre } from '../../../../src/app/demo/centre.ts'
import { isComplete, type Reconciled } from '../../../../src/app/demo/proven.ts'
import { areTrue, type Row } from '../../../../src/app/demo/standing.ts'
import { realMachine } from '../../../../src/app/machine.ts'
import { queryDetails } from '../../../../src/genesys/details-query.ts'
import type { Truth } from '../../../../src/simulator/centre/truth.ts'
import { openTestClient } from '../../../support/cloud.ts'

suite('the contact centre of the demo', () => {
  let centre: Centre
  let sent: Set<string>

  before(async () => {
    centre = await openCentre(realMachine, { seed: 1, events: 3000 })
    sent = new Set()
    for (const { body } of centre.deliveries)
      for (const [id] of Buffer.from(body).toString().matchAll(uuid)) sent.add(id)
  })
  after(() => centre.cloud.stop())

  test('loses whole conversations and single steps, and knows of which', () => {
    const { lost, truths } = centre
    const whole = [...truths.keys()].filter((id) => !sent.has(id))
    assert.ok(whole.length > 0)
    assert.ok(whole.every((id) => lost.conversations.has(id)))
    assert.ok(lost.conversations.size > whole.length)
    assert.ok([...lost.conversations].every((id) => truths.has(id)))
    assert.ok(lost.events > lost.conversations.size)
  })

  test('has an API that tells of every conversation, all of them over', async () => {
    const interval = { from: centre.startAt, to: realMachine.clock.now() }
    const told = new Set<string | null>()
    for await (const { records } of queryDetails(openTestClient(centre.cloud), interval))
      for (const { conversationId, slice } of records) {
        told.add(conversationId)
        assert.ok(JSON.parse(Buffer.from(slice).toString()).conversationEnd)
      }
    assert.deepEqual(told, new Set(centre.truths.keys()))
  })

  test('finds a row of gold that is not the truth', () => {
    const [truth] = centre.truths.values()
    assert.ok(truth)
    const row = rowOf(truth)
    assert.ok(areTrue([row], truth))
    assert.ok(!areTrue([], truth))
    assert.ok(!areTrue([row, row], truth))
    for (const name of Object.keys(row).filter((one) => one !== 'told_by'))
      assert.ok(!areTrue([{ ...row, [name]: 'another' }], truth), name)
    const guide = { told_by: 'interactions', end_ms: truth.end, wait_ms: null, talk_ms: null }
    assert.ok(areTrue([{ ...guide, hold_ms: null, acw_ms: null }], truth))
    assert.ok(!areTrue([{ ...guide, hold_ms: truth.holdMs + 1, acw_ms: null }], truth))
  })
})

const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g

function rowOf(truth: Truth): Row {
  return {
    told_by: 'events',
    abandoned: truth.abandoned,
    start_ms: truth.start,
    end_ms: truth.end,
    wait_ms: truth.waitMs,
    talk_ms: truth.talkMs,
    hold_ms: truth.holdMs,
    acw_ms: truth.acwMs,
    handle_ms: truth.handleMs,
    transfers: truth.transfers,
    queue_ids: truth.queueIds,
    user_ids: truth.userIds,
    wrap_up_codes: truth.wrapUpCodes,
  }
}

test('a demo is complete where exactly what was lost was found, once, and gold is true', () => {
  const counts = { expected: 9, present: 7, open: 0, missing: 1, incomplete: 1, changed: 0 }
  const none = { unreadable: 0, askedById: 0, erased: 0, retired: 0 }
  const rest = { notKept: null, lacking: [], hours: [] }
  const run = { org: 'demo', from: '', to: '', ...none, ...rest, ...counts }
  const at = { watermark: '2026-03-01T00:00:00.000Z', provisional: 0, untrue: [] }
  const good: Reconciled = {
    lost: { events: 12, conversations: 2 },
    report: { ...run, backFilled: 2, filtered: 0 },
    isExact: true,
    again: { ...run, backFilled: 0, filtered: 0 },
    before: { ...at, provisional: 9, untrue: ['one'] },
    after: at,
  }
  assert.ok(isComplete(good))
  const bad: readonly Partial<Reconciled>[] = [
    { isExact: false },
    { report: { ...good.report, backFilled: 1 } },
    { again: { ...good.again, backFilled: 1 } },
    { again: { ...good.again, filtered: 1 } },
    { after: { ...at, provisional: 1 } },
    { after: { ...at, untrue: ['one'] } },
  ]
  for (const deviation of bad)
    assert.ok(!isComplete({ ...good, ...deviation }), JSON.stringify(deviation))
})

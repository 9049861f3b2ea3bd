import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { seededRandom } from '../../../../src/core/random.ts'
import {
  type Conversation,
  tellConversation,
} from '../../../../src/simulator/centre/conversation.ts'
import type { Detail, DetailFields } from '../../../../src/simulator/centre/happening.ts'
import { detailTypes, isDetail } from '../../../../src/simulator/centre/happening.ts'
import { mediaTypes } from '../../../../src/simulator/centre/media.ts'
import { makeWorld } from '../../../../src/simulator/centre/world.ts'

const startAt = Date.UTC(2026, 0, 5, 9)
const world = makeWorld(seededRandom(1))

function tell(seed: number): Conversation {
  return tellConversation({ world, random: seededRandom(seed) }, { startAt })
}

function everyConversation(law: (conversation: Conversation) => void) {
  fc.assert(
    fc.property(fc.integer(), (seed) => law(tell(seed))),
    { numRuns: 400 },
  )
}

function details({ happenings }: Conversation, type?: Detail['type']): Detail[] {
  return happenings.filter(isDetail).filter((one) => type === undefined || one.type === type)
}

type DurationName = {
  [Name in keyof DetailFields]-?: DetailFields[Name] extends number | undefined ? Name : never
}[keyof DetailFields]

function total(events: readonly Detail[], ...names: DurationName[]): number {
  const values = events.flatMap(({ fields }) => names.map((name) => fields[name] ?? 0))
  return values.reduce((sum, value) => sum + value, 0)
}

/** Ms between the start and the end of the session that `end` closes. */
function lasted(conversation: Conversation, end: Detail): number {
  const start = details(conversation).find((one) => one.party === end.party)
  assert.ok(start?.type === end.type.replace('.end', '.start'))
  return end.time - start.time
}

test('the same seed tells the same conversation', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => assert.deepEqual(tell(seed), tell(seed))),
    { numRuns: 50 },
  )
  assert.notDeepEqual(tell(1).truth, tell(2).truth)
})

test('everything happens in order, from the start until all is settled', () => {
  everyConversation(({ happenings, truth }) => {
    const times = happenings.map((one) => one.time)
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    )
    assert.equal(times[0], truth.start)
    assert.equal(happenings.at(-1)?.type, 'conversation.settled')
    assert.ok(times.every((time) => Number.isSafeInteger(time)))
  })
})

test('every session that starts ends once, and the customer leaves last', () => {
  everyConversation((conversation) => {
    const ends = details(conversation).filter(({ type }) => type.endsWith('.end'))
    const starts = details(conversation).filter(({ type }) => type.endsWith('.start'))
    assert.deepEqual(
      new Set(ends.map(({ party }) => party.sessionId)),
      new Set(starts.map(({ party }) => party.sessionId)),
    )
    assert.equal(ends.length, starts.length)
    const [leave] = details(conversation, 'customer.end')
    assert.equal(leave?.time, conversation.truth.end)
    assert.ok(ends.every(({ time }) => time <= conversation.truth.end))
  })
})

test('a session lasts as long as the durations that its end tells', () => {
  everyConversation((conversation) => {
    for (const end of details(conversation, 'user.end')) {
      const told = total([end], ...agentDurations)
      assert.equal(told, lasted(conversation, end))
    }
    for (const end of [...details(conversation, 'acd.end'), ...details(conversation, 'flow.end')]) {
      assert.equal(end.fields.connectedDurationMs, lasted(conversation, end))
    }
    for (const end of details(conversation, 'voicemail.end')) {
      assert.equal(end.fields.voicemailDurationMs, lasted(conversation, end))
    }
    for (const acw of details(conversation, 'acw')) {
      const end = details(conversation, 'user.end').find(({ party }) => party === acw.party)
      assert.equal(acw.fields.wrapupDurationMs, acw.time - (end?.time ?? 0))
    }
  })
})

const agentDurations = [
  'alertingDurationMs',
  'callbackDurationMs',
  'dialingDurationMs',
  'contactingDurationMs',
  'interactingDurationMs',
  'heldDurationMs',
] as const

test('the truth is what the events add up to', () => {
  everyConversation((conversation) => {
    const { truth } = conversation
    const ends = details(conversation, 'user.end')
    const acw = total(details(conversation, 'acw'), 'wrapupDurationMs')
    assert.equal(truth.waitMs, total(details(conversation, 'acd.end'), 'connectedDurationMs'))
    assert.equal(truth.talkMs, total(ends, 'interactingDurationMs'))
    assert.equal(truth.holdMs, total(ends, 'heldDurationMs'))
    assert.equal(truth.acwMs, acw)
    const calling = total(ends, 'dialingDurationMs', 'contactingDurationMs')
    assert.equal(truth.handleMs, truth.talkMs + truth.holdMs + acw + calling)
  })
})

test('the truth names who took part, what was passed on, and what was recorded', () => {
  everyConversation((conversation) => {
    const { truth } = conversation
    const passedOn = details(conversation, 'user.end').filter(({ fields }) =>
      fields.disconnectType?.endsWith('TRANSFER'),
    )
    assert.equal(truth.transfers, passedOn.length)
    const users = details(conversation, 'user.start').map(({ fields }) => fields.userId)
    assert.deepEqual(truth.userIds, [...new Set(users)])
    const told = details(conversation).map(({ fields }) => fields.queueId)
    assert.deepEqual(new Set(truth.queueIds), new Set(told.filter((id) => id !== undefined)))
    const codes = details(conversation, 'acw').map(({ fields }) => fields.wrapupCode)
    assert.deepEqual(truth.wrapUpCodes, codes)
  })
})

test('only who leaves a queue without ever reaching an agent has abandoned', () => {
  everyConversation((conversation) => {
    const last = details(conversation, 'acd.end').at(-1)
    const alone = details(conversation, 'user.start').length === 0
    const abandoned = alone && last?.fields.acdOutcome === 'ABANDON'
    assert.equal(conversation.truth.abandoned, abandoned)
  })
})

test('agent states and metrics add up to the truth as well', () => {
  everyConversation(({ happenings, truth }) => {
    const metrics = happenings.filter((one) => one.type === 'conversation.metrics')
    const sum = (name: string) =>
      metrics.filter((one) => one.metric === name).reduce((total, one) => total + one.value, 0)
    assert.equal(sum('tTalk'), truth.talkMs)
    assert.equal(sum('tHeldComplete'), truth.holdMs)
    assert.equal(sum('tAcd'), truth.waitMs)
    assert.equal(sum('tHandle'), truth.handleMs)
    assert.equal(sum('nTransferred'), truth.transfers)

    const states = happenings.filter((one) => one.type === 'agent.state')
    for (const leg of truth.legs) {
      const own = states.filter(({ party }) => party === leg.party)
      assert.equal(own[0]?.time, leg.from)
      assert.equal(own.at(-1)?.state, 'TERMINATED')
    }
    const talked = states.flatMap((one, place) => {
      const next = states.find((later, at) => at > place && later.party === one.party)
      return one.state === 'INTERACT' ? [(next?.time ?? one.time) - one.time] : []
    })
    assert.equal(
      talked.reduce((total, ms) => total + ms, 0),
      truth.talkMs,
    )
  })
})

test('in time, everything happens that can happen', () => {
  const conversations = Array.from({ length: 4000 }, (_, seed) => tell(seed))
  const truths = conversations.map(({ truth }) => truth)
  const seen = new Set(conversations.flatMap(({ happenings }) => happenings.map((h) => h.type)))
  assert.equal(seen.size, detailTypes.length + 3)
  assert.deepEqual(
    new Set(truths.map(({ mediaType }) => mediaType)),
    new Set(mediaTypes.map((type) => type.toLowerCase())),
  )
  const waits = truths.filter(({ abandoned }) => abandoned).map(({ waitMs }) => waitMs)
  assert.ok(waits.some((ms) => ms < 5000))
  assert.ok(waits.some((ms) => ms > 5000))
  assert.ok(truths.some(({ direction }) => direction === 'outbound'))
  assert.ok(truths.some(({ transfers }) => transfers > 1))
  assert.ok(truths.some(({ legs }) => legs.some(({ transfer }) => transfer === 'consult')))
  assert.ok(truths.some(({ visits }) => visits.some(({ outcome }) => outcome === 'FLOW_OUT')))
  assert.ok(truths.some(({ holdMs }) => holdMs > 0))
  assert.ok(truths.some(({ legs, talkMs }) => legs.length > 0 && talkMs === 0))
})

test('the medium can be asked for', () => {
  for (const mediaType of mediaTypes) {
    const random = seededRandom(3)
    const { truth } = tellConversation({ world, random }, { startAt, mediaType })
    assert.equal(truth.mediaType, mediaType.toLowerCase())
  }
})

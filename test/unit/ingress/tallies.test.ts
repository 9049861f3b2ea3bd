import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Tallies } from '../../../src/ingress/tallies.ts'
import { Tally } from '../../../src/ingress/tally.ts'
import type { NoteEntry } from '../../../src/journal/entry.ts'
import { createMemoryJournal } from '../../../src/journal/memory-journal.ts'
import type { EventFields } from '../../../src/observe/events.ts'
import { movableClock } from '../../support/clock.ts'
import { overWriter } from '../../support/ingress.ts'

function setUp() {
  const clock = movableClock()
  const memory = createMemoryJournal({ journalId: 'j', partition: 'p' })
  const writer = memory.openWriter()
  const state = { failing: false }
  const journal = overWriter(writer, {
    append: (entries) =>
      state.failing ? Promise.reject(new Error('no room')) : writer.append(entries),
  })
  const said: EventFields[] = []
  const observer = (_: string, fields: EventFields = {}) => void said.push(fields)
  const [strangers, source] = [new Tally('', clock.now()), new Tally('one', clock.now())]
  const tallies = new Tallies({ journal, clock, observer }, [strangers, source])
  const notes = async () => {
    const records = await memory.openReader().read(0, { records: 100, bytes: 1e6 })
    return records.map((record) => (record.kind === 'entry' ? record.entry : null) as NoteEntry)
  }
  return { clock, state, said, strangers, source, tallies, notes }
}

const left = { filtered: 2, filteredFor: new Map([['queue', 2]]), shed: ['a'] }
const receipt = { ...left, batch: true, stored: 3, duplicate: 2, quarantined: 1 }
const one = {
  ...receipt,
  batch: false,
  stored: 1,
  duplicate: 0,
  quarantined: 0,
  filtered: 0,
  shed: [],
}

test('a tally is what was counted since the one before', async () => {
  const { clock, source, strangers, tallies, notes } = setUp()
  const since = clock.now()
  source.acknowledge(receipt)
  source.refuse('401')
  source.refuse('401')
  strangers.refuse('404')
  clock.advance(700)
  await tallies.write()
  source.acknowledge(one)
  clock.advance(300)
  await tallies.write()
  const [first, second, third] = await notes()
  assert.equal(first?.source, '')
  assert.deepEqual(JSON.parse(first?.detail ?? ''), {
    ...{ acknowledged: 0, stored: 0, duplicate: 0, quarantined: 0 },
    ...{ filtered: 0, filteredFor: {}, shed: 0, shedIds: [], deferred: 0 },
    ...{ refused: { 404: 1 }, since, until: since + 700, from: 0, to: 0 },
  })
  assert.deepEqual([second?.kind, second?.source, second?.reason], ['note', 'one', 'tally'])
  assert.deepEqual(JSON.parse(second?.detail ?? ''), {
    ...{ acknowledged: 6, stored: 3, duplicate: 2, quarantined: 1 },
    ...{ filtered: 2, filteredFor: { queue: 2 }, shed: 1, shedIds: ['a'], deferred: 0 },
    ...{ refused: { 401: 2 }, since, until: since + 700, from: 0, to: 0 },
  })
  assert.deepEqual(JSON.parse(third?.detail ?? ''), {
    ...{ acknowledged: 1, stored: 1, duplicate: 0, quarantined: 0 },
    ...{ filtered: 0, filteredFor: {}, shed: 0, shedIds: [], deferred: 0 },
    ...{ refused: {}, since: since + 700, until: since + 1000, from: 0, to: 2 },
  })
  assert.equal((await notes()).length, 3)
})

test('refusals are told by source, those of strangers by the sign of metrics', async () => {
  const { source, strangers, tallies, said } = setUp()
  source.refuse('401')
  strangers.refuse('404')
  await tallies.write()
  assert.deepEqual(said, [
    { source: '-', 404: 1 },
    { source: 'one', 401: 1 },
  ])
})

test('nothing is written where nothing was counted', async () => {
  const { tallies, notes } = setUp()
  await tallies.write()
  await tallies.writeAll()
  assert.deepEqual(await notes(), [])
})

test('counts whose note failed are in the next one, with those that came since', async () => {
  const { clock, state, source, tallies, notes, said } = setUp()
  const since = clock.now()
  source.acknowledge(receipt)
  source.refuse('503')
  state.failing = true
  clock.advance(1000)
  const writing = tallies.write()
  source.acknowledge(receipt)
  source.refuse('rate')
  source.refuse('in_flight')
  source.refuse('413')
  await writing
  assert.deepEqual(said, [])
  state.failing = false
  clock.advance(1000)
  await tallies.writeAll()
  const [note, none] = await notes()
  assert.equal(none, undefined)
  assert.deepEqual(JSON.parse(note?.detail ?? ''), {
    ...{ acknowledged: 12, stored: 6, duplicate: 4, quarantined: 2 },
    ...{ filtered: 4, filteredFor: { queue: 4 }, shed: 2, shedIds: ['a', 'a'], deferred: 2 },
    ...{
      refused: { 503: 1, rate: 1, in_flight: 1, 413: 1 },
      since,
      until: since + 2000,
      from: 0,
      to: 0,
    },
  })
  assert.deepEqual(said, [{ source: 'one', 503: 1, rate: 1, in_flight: 1, 413: 1 }])
})

test('of very many that were shed a note has the first ids, and the number of all', async () => {
  const { source, tallies, notes } = setUp()
  const ids = Array.from({ length: 700 }, (_, index) => `id-${index}`)
  source.acknowledge({ ...one, shed: ids })
  source.acknowledge({ ...one, shed: ids })
  await tallies.write()
  const { shed, shedIds } = JSON.parse((await notes())[0]?.detail ?? '')
  assert.equal(shed, 1400)
  assert.deepEqual(shedIds, [...ids, ...ids].slice(0, 1000))
})

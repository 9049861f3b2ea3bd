/** What is told of open dead letters. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OpenLetters } from '../../../../src/loader/dead-letters/find-letters.ts'
import { LetterWatch } from '../../../../src/loader/dead-letters/watch.ts'
import type { EventName } from '../../../../src/observe/events.ts'
import { movableClock } from '../../../support/clock.ts'
import { toldMetrics } from '../../../support/told-metrics.ts'

function setUp() {
  const events: EventName[] = []
  const observer = (event: EventName) => void events.push(event)
  return { clock: movableClock(), observer, events: () => events }
}

test('dead letters are told of when there are too many, and once when there are not', async () => {
  const { clock, observer, events } = setUp()
  let now: OpenLetters | null = { open: 2, oldestAt: clock.now() }
  const deps = { clock, observer, read: async () => now }
  const watch = new LetterWatch(deps, { deadLetters: 2, deadLetterAge: 86_400_000 })
  assert.deepEqual(toldMetrics(watch), {})
  await watch.look()
  assert.deepEqual(events(), [])
  now = { open: 3, oldestAt: clock.now() }
  for (let look = 0; look < 3; look++) await watch.look()
  assert.deepEqual(events(), ['dead_letters_waiting'])
  assert.deepEqual(toldMetrics(watch), {
    inlet_dead_letters_open: 3,
    inlet_dead_letters_oldest_timestamp_seconds: clock.now() / 1000,
    'inlet_alert source=- reason=dead_letters': 1,
  })
  now = { open: 0, oldestAt: null }
  await watch.look()
  assert.deepEqual(events(), ['dead_letters_waiting', 'dead_letters_decided'])
})

test('a single one is told of once it is old, although nothing has changed since', async () => {
  const { clock, observer, events } = setUp()
  let now: OpenLetters | null = { open: 1, oldestAt: clock.now() }
  const deps = { clock, observer, read: async () => now }
  const watch = new LetterWatch(deps, { deadLetters: 100, deadLetterAge: 1000 })
  await watch.look()
  now = null
  clock.advance(2000)
  await watch.look()
  assert.deepEqual(events(), ['dead_letters_waiting'])
})

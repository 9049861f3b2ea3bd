/**
 * Whatever comes again, whenever: each event is one event. Random histories of deliveries, days,
 * restarts and windows of two sizes; the seed that fast-check prints is the bug report.
 *
 * Limits: an id that is used for other content after the window, with a time of its own, is an id
 * twice.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Envelope } from '../../../src/event/envelope.ts'
import { audit } from '../../../src/loader/audit.ts'
import { DAY, event, NOON } from '../../support/deliveries.ts'
import { openLanding } from '../../support/loader.ts'

interface Sent {
  readonly id: string
  readonly content: number
  /** Bytes that say the same. */
  readonly spaces: number
  readonly hasTime: boolean
}

const timed = fc.record<Sent>({
  id: fc.constantFrom('a', 'b'),
  content: fc.constant(0),
  spaces: fc.nat(2),
  hasTime: fc.constant(true),
})
/** Ids without a time, used for other content as well. */
const untimed = fc.record<Sent>({
  id: fc.constantFrom('c', 'd'),
  content: fc.nat(2),
  spaces: fc.nat(2),
  hasTime: fc.constant(false),
})

const step = fc.oneof(
  { weight: 6, arbitrary: fc.array(fc.oneof(timed, untimed), { minLength: 1, maxLength: 6 }) },
  { weight: 2, arbitrary: fc.constantFrom('an hour', 'a day', 'ten days') },
  { weight: 1, arbitrary: fc.constantFrom('restart', 'restart without copy') },
)
const waits: Readonly<Record<string, number>> = {
  'an hour': DAY / 24,
  'a day': DAY,
  'ten days': 10 * DAY,
}

/** Equal content has equal canonical form; the time is that of the first sending. */
function delivery(one: Sent, time: number, receivedAt: number) {
  const text = `{"n":${' '.repeat(one.spaces)}${one.content}}`
  const change: Partial<Envelope> = { receivedAt, eventTime: one.hasTime ? time : null }
  return event(one.id, text, change)
}

test('each event is one event, whatever comes again and whenever', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 3, maxLength: 14 }),
      fc.constantFrom(40_000, 2 ** 26),
      async (steps, windowMaxBytes) => {
        const landing = await openLanding({ windowMs: DAY, windowMaxBytes })
        const { clock } = landing.lake
        clock.advance(NOON - clock.now())
        const firstSent = new Map<string, number>()
        try {
          for (const one of steps) {
            if (one === 'restart') await landing.restart()
            else if (one === 'restart without copy') await landing.restart({ withoutCopy: true })
            else if (typeof one === 'string') clock.advance(waits[one] ?? 0)
            else {
              const entries = one.map((each) => {
                const name = `${each.id} ${each.content}`
                const time = firstSent.get(name) ?? clock.now()
                firstSent.set(name, time)
                return delivery(each, time, clock.now())
              })
              await landing.land(entries)
            }
          }
          const rows = await landing.rows()
          const events = rows.filter((row) => row.split(' ')[1] === 'event')
          assert.equal(events.length, firstSent.size)
          await landing.lake.table.refresh()
          const options = { scopes: new Map(), most: 10 }
          const { clean } = await audit(landing.lake, landing.lake.table, options)
          assert.equal(clean, true)
        } finally {
          await landing.dispose()
        }
      },
    ),
    { numRuns: 8 },
  )
})

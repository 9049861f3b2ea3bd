import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { identityKey } from '../../../src/dedup/identity-key.ts'
import { IdentityWindow } from '../../../src/dedup/identity-window.ts'
import type { Entry } from '../../../src/journal/entry.ts'
import { openEntryKeeper } from '../../../src/journal/kept-record.ts'
import { Candidates, mayBeOlder } from '../../../src/loader/candidates.ts'
import { sourcePolicies } from '../../../src/loader/places.ts'
import { eventEntry } from '../../support/entries.ts'

const DAY = 86_400_000
const NOON = Date.UTC(2026, 0, 10, 12)
const JOURNAL = 'journal'
const policies = sourcePolicies([{ name: 'one', scope: 'group', repeatMs: 5 }])

const drawn = fc.record({
  kind: fc.constantFrom('event', 'event', 'repeat', 'note', 'damaged'),
  id: fc.nat(8),
  source: fc.constantFrom('one', 'two'),
  timeless: fc.boolean(),
  age: fc.integer({ min: -DAY, max: 3 * DAY }),
  known: fc.boolean(),
})
/** More than the window is asked for at once. */
const partitionsDrawn = fc.array(fc.array(drawn, { maxLength: 300, size: 'max' }), { maxLength: 3 })
type Drawn = ReturnType<typeof drawn.generate>['value']

function entryOf({ kind, id, source, timeless, age }: Drawn): Entry {
  const { envelope } = eventEntry(id, { id: `ïd-${id}` })
  const event = { ...envelope, source, timeless, receivedAt: NOON, eventTime: NOON - age }
  if (kind === 'note') return { kind, source, receivedAt: NOON, reason: 'tally', detail: '{}' }
  if (kind === 'event') return { kind, envelope: event }
  return { kind: 'repeat', envelope: { ...event, body: Buffer.alloc(0) }, firstPosition: 0 }
}

test('candidates are events and repeats, and those that may be known are left in doubt', () => {
  fc.assert(
    fc.property(partitionsDrawn, (partitions) => {
      const window = new IdentityWindow({ span: 5 * DAY, maxBytes: 2 ** 20 })
      window.startAt(NOON - DAY)
      const keep = openEntryKeeper()
      const batches = partitions.map((all, index) => ({
        journalId: JOURNAL,
        partition: `gateway-${index}`,
        from: 0,
        to: all.length,
        records: all.map((one, position) =>
          one.kind === 'damaged'
            ? ({ kind: 'damaged', position, detail: '', bytes: Buffer.alloc(0) } as const)
            : keep(position, entryOf(one)),
        ),
      }))
      const places = partitions.flatMap((all, index) =>
        all.map((one, position) => {
          return { one, place: { journalId: JOURNAL, partition: `gateway-${index}`, position } }
        }),
      )
      const sought = places.filter(({ one }) => one.kind === 'event' || one.kind === 'repeat')
      const keyOf = ({ id, source }: Drawn) => identityKey(policies(source).scope, `ïd-${id}`)
      const known = { bodyHash: [0, 0], receivedAt: NOON, position: 0, partition: 0 } as const
      for (const { one } of sought) if (one.known) window.set(keyOf(one), known)

      const candidates = new Candidates(batches, { window, policies })
      assert.equal(candidates.length, sought.length)
      for (const [index, { one, place }] of sought.entries()) {
        const entry = entryOf(one)
        const key = keyOf(one)
        const { scope, repeatMs } = policies(one.source)
        assert.deepEqual(candidates.at(index), { entry, place, key, scope, repeatMs })
        const isOld = 'envelope' in entry && mayBeOlder(entry.envelope, window)
        const isSure = one.kind === 'event' && !one.timeless && !isOld && window.get(key) === null
        assert.equal(candidates.isUnknown(index), isSure)
      }
      const doubtful = sought.filter((_, index) => !candidates.isUnknown(index))
      assert.deepEqual(
        [...candidates.doubtful()].map(({ place }) => place),
        doubtful.map(({ place }) => place),
      )
    }),
  )
})

test('the rows of candidates are what the window remembers of them', () => {
  const window = new IdentityWindow({ span: 5 * DAY, maxBytes: 2 ** 20 })
  window.partitionIndex(JOURNAL, 'another')
  const entry = eventEntry(7)
  const record = openEntryKeeper()(2 ** 40, entry)
  const batch = { journalId: JOURNAL, partition: 'p', from: 0, to: 1, records: [record] }
  const { rows } = new Candidates([batch], { window, policies })
  window.setRows(rows)
  const { receivedAt, body, eventId } = entry.envelope
  const digest = hash('sha256', body, 'buffer')
  assert.deepEqual(window.get(identityKey('test', eventId)), {
    bodyHash: [digest.readUInt32BE(0), digest.readUInt32BE(4)],
    receivedAt: Math.floor(receivedAt / 1000) * 1000,
    position: 2 ** 40,
    partition: 1,
  })
})

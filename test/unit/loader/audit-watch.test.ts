/** What is told of the scheduled audit. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InletError } from '../../../src/core/errors.ts'
import { type AuditReport, nothingAudited } from '../../../src/loader/audit.ts'
import { AuditWatch } from '../../../src/loader/audit-watch.ts'
import type { EventFields, EventName } from '../../../src/observe/events.ts'
import { movableClock } from '../../support/clock.ts'
import { toldMetrics } from '../../support/told-metrics.ts'

function setUp() {
  const said: [EventName, EventFields | undefined][] = []
  const clock = movableClock()
  const observer = (event: EventName, fields?: EventFields) => void said.push([event, fields])
  return { said, clock, observer }
}

test('an audit is told of with what it found, each time', async () => {
  const { said, clock, observer } = setUp()
  const missing = [{ partition: 'p', journalId: 'j', from: 1, to: 2 }]
  const counted = {
    ...{ event: 5, duplicate: 4, dead_letter: 3, note: 2, acknowledged: 12 },
    ...{ filtered: 6, shed: 7, refused: 8, erased: 9, retired: 10 },
  }
  const { event: events, duplicate: duplicates, dead_letter, note: notes, ...told } = counted
  const rows = { events, duplicates, deadLetters: dead_letter, notes }
  let report: AuditReport = { ...nothingAudited, ...rows, ...told }
  const watch = new AuditWatch({ clock, observer, audit: async () => report })
  const { signal } = new AbortController()
  await watch.look(signal)
  const same = { bodySha256: '0', scope: 's', eventIds: ['a', 'b'], rows: 2 } as const
  report = { ...report, clean: false, missing, sameBodies: [same] }
  await watch.look(signal)
  assert.deepEqual(said, [
    [
      'audit_clean',
      { rows: 14, seconds: 0, missing: 0, repeated: 0, bodyMismatches: 0, unreadable: 0 },
    ],
    [
      'audit_not_clean',
      { rows: 14, seconds: 0, missing: 1, repeated: 0, bodyMismatches: 0, unreadable: 0 },
    ],
    ['audit_same_bodies', { bodies: 1 }],
  ])
  assert.deepEqual(toldMetrics(watch), {
    'inlet_audit_faults reason=missing': 1,
    'inlet_audit_faults reason=repeated': 0,
    'inlet_audit_faults reason=body_mismatch': 0,
    'inlet_audit_faults reason=unreadable': 0,
    ...Object.fromEntries(
      Object.entries(counted).map(([name, n]) => [`inlet_audit_counts outcome=${name}`, n]),
    ),
    'inlet_audit_warnings reason=same_body': 1,
    inlet_audit_timestamp_seconds: clock.now() / 1000,
    inlet_audit_seconds: 0,
    'inlet_alert source=- reason=audit': 1,
  })
})

test('a lake that no audit gets past is an alert too, until one does', async () => {
  const { clock, observer } = setUp()
  let damage: Error | null = new InletError('INL_LAK_FILE', { path: 'p', reason: 'it is missing' })
  const audit = async () => {
    if (damage !== null) throw damage
    return nothingAudited
  }
  const watch = new AuditWatch({ clock, observer, audit })
  const { signal } = new AbortController()
  await assert.rejects(watch.look(signal), /a file of the lake cannot be read/)
  assert.deepEqual(toldMetrics(watch), { 'inlet_alert source=- reason=audit': 1 })
  damage = null
  await watch.look(signal)
  assert.equal(toldMetrics(watch)['inlet_alert source=- reason=audit'], 0)
  damage = new Error('the lake cannot be reached')
  await assert.rejects(watch.look(signal))
  assert.equal(toldMetrics(watch)['inlet_alert source=- reason=audit'], 0)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expiryWatch } from '../../../../src/app/tls/expiry-watch.ts'
import type { CertificateStatus } from '../../../../src/app/tls/report.ts'
import { movableClock } from '../../../support/clock.ts'

const day = 86_400_000

test('what is soon out of date is told of once a day, until it is renewed', async () => {
  const clock = movableClock()
  const said: unknown[] = []
  const end = clock.now() + 31.5 * day
  let renewed = 0
  const rows = (): CertificateStatus[] =>
    (['server', 'revocations', 'client'] as const).map((role) => {
      const notAfter = end + (role === 'client' ? 300 * day : 0) + renewed
      const daysLeft = Math.floor((notAfter - clock.now()) / day)
      const about = { role, file: 'a.pem', subject: role }
      return { ...about, notAfter: new Date(notAfter).toISOString(), daysLeft }
    })
  const watch = expiryWatch({
    clock,
    observer: (_, fields) => void said.push([fields?.['kind'], fields?.['daysLeft']]),
    report: async () => ({ certificates: rows(), trouble: null }),
  })
  const hours = async (count: number) => {
    for (let hour = 0; hour < count; hour++) {
      clock.advance(day / 24)
      await watch.look()
    }
  }
  await hours(24)
  assert.deepEqual(said, [])
  await hours(48)
  assert.deepEqual(said, [
    ['server', 29],
    ['server', 28],
  ])
  renewed = 90 * day
  await hours(24)
  assert.equal(said.length, 2)
  const ends: unknown[] = []
  watch.measure({
    number: (name, value, labels) => void ends.push([name, labels, value]),
    histogram: () => undefined,
  })
  const name = 'inlet_certificate_expiry_timestamp_seconds'
  assert.deepEqual(ends[0], [name, { reason: 'server' }, (end + renewed) / 1000])
})

/**
 * Tells once a day of what TLS relies on and is soon out of date: certificates a month ahead,
 * revocation lists when a quarter of their life, and less than a week, is left.
 */
import type { Clock } from '../../core/clock.ts'
import type { Lifecycle } from '../../core/lifecycle.ts'
import type { Observer } from '../../observe/events.ts'
import type { Measured } from '../../observe/metrics.ts'
import { DAY_MS, RENEW_DAYS } from './certificates.ts'
import type { CertificateReport, CertificateRole } from './report.ts'

const LOOK_EVERY_MS = 60_000

export interface WatchDeps {
  readonly clock: Clock
  readonly observer: Observer
  readonly report: () => Promise<CertificateReport>
}

export interface ExpiryWatch extends Lifecycle, Measured {
  look(): Promise<void>
}

export function expiryWatch({ clock, observer, report }: WatchDeps): ExpiryWatch {
  /** When each was told last. */
  let told = new Map<string, number>()
  let ends: Partial<Record<CertificateRole, number>> = {}
  let stopTimer = () => {}
  const look = async () => {
    const { certificates } = await report()
    const now = clock.now()
    const still = new Map<string, number>()
    ends = {}
    for (const { role, subject, file, notAfter, daysLeft } of certificates) {
      const end = Date.parse(notAfter)
      ends[role] = Math.min(ends[role] ?? Infinity, end)
      if (daysLeft >= warnDays[role]) continue
      const name = `${role} ${subject} ${notAfter}`
      const last = told.get(name) ?? Number.NEGATIVE_INFINITY
      if (now - last >= DAY_MS)
        observer('certificate_expiring', { kind: role, subject, file, daysLeft })
      still.set(name, now - last >= DAY_MS ? now : last)
    }
    told = still
  }
  return {
    name: 'expiry',
    look,
    async start() {
      await look()
      stopTimer = clock.every(LOOK_EVERY_MS, () => void look())
    },
    async drain() {
      stopTimer()
    },
    async stop() {
      stopTimer()
    },
    measure(reading) {
      for (const [role, end] of Object.entries(ends)) {
        const labels = { reason: role.replace('-', '_') }
        reading.number('inlet_certificate_expiry_timestamp_seconds', end / 1000, labels)
      }
    },
  }
}

/** A list is often made for a week, or for a day. */
const warnDays: Readonly<Record<CertificateRole, number>> = {
  server: RENEW_DAYS,
  'client-ca': RENEW_DAYS,
  client: RENEW_DAYS,
  revocations: 1,
}

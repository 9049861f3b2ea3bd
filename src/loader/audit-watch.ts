/** The audit as it is run by schedule: its result as metrics, as events, and as an alert. */
import type { Clock } from '../core/clock.ts'
import { hasCode } from '../core/errors.ts'
import type { Observer } from '../observe/events.ts'
import { type Measured, NO_SOURCE, type Reading } from '../observe/metrics.ts'
import type { AuditReport } from './audit.ts'

export interface AuditWatchDeps {
  readonly clock: Clock
  readonly observer: Observer
  readonly audit: (signal: AbortSignal) => Promise<AuditReport>
}

/** What no audit gets past is found by none, and must be told all the same. */
const damages = ['INL_LAK_FILE', 'INL_LAK_TABLE_DAMAGED'] as const

export class AuditWatch implements Measured {
  readonly #deps: AuditWatchDeps
  #last: { readonly report: AuditReport; readonly at: number; readonly tookMs: number } | null =
    null
  #isDamaged = false

  constructor(deps: AuditWatchDeps) {
    this.#deps = deps
  }

  async look(signal: AbortSignal): Promise<void> {
    const { clock, observer, audit } = this.#deps
    const began = clock.elapsed()
    const report = await audit(signal).catch((error: unknown) => {
      this.#isDamaged ||= damages.some((code) => hasCode(error, code))
      throw error
    })
    this.#isDamaged = false
    const tookMs = clock.elapsed() - began
    this.#last = { report, at: clock.now(), tookMs }
    const { clean, missing, repeated, bodyMismatches, sameBodies } = report
    const faults = {
      ...{ missing: missing.length, repeated: repeated.length, bodyMismatches },
      unreadable: report.unreadable.length,
    }
    const { events, duplicates, deadLetters, notes } = report
    const rows = events + duplicates + deadLetters + notes
    observer(clean ? 'audit_clean' : 'audit_not_clean', { rows, seconds: tookMs / 1000, ...faults })
    if (sameBodies.length > 0) observer('audit_same_bodies', { bodies: sameBodies.length })
  }

  /** Nothing is told before the first audit. */
  measure(reading: Reading): void {
    const isClean = this.#last?.report.clean !== false && !this.#isDamaged
    if (this.#last !== null || this.#isDamaged)
      reading.number('inlet_alert', Number(!isClean), { source: NO_SOURCE, reason: 'audit' })
    if (this.#last === null) return
    const { report, at, tookMs } = this.#last
    const { missing, repeated, bodyMismatches } = report
    const faults = {
      missing: missing.length,
      repeated: repeated.length,
      body_mismatch: bodyMismatches,
      unreadable: report.unreadable.length,
    }
    for (const [reason, count] of Object.entries(faults))
      reading.number('inlet_audit_faults', count, { reason })
    for (const [outcome, count] of Object.entries(countsOf(report)))
      reading.number('inlet_audit_counts', count, { outcome })
    const { length } = report.sameBodies
    reading.number('inlet_audit_warnings', length, { reason: 'same_body' })
    reading.number('inlet_audit_timestamp_seconds', at / 1000, {})
    reading.number('inlet_audit_seconds', tookMs / 1000, {})
  }
}

function countsOf(report: AuditReport): Readonly<Record<string, number>> {
  const { events, duplicates, deadLetters, notes } = report
  const { acknowledged, filtered, shed, refused, erased, retired } = report
  return {
    ...{ event: events, duplicate: duplicates, dead_letter: deadLetters, note: notes },
    ...{ acknowledged, filtered, shed, refused, erased, retired },
  }
}

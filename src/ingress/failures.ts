/**
 * Faults of ours: counted as they happen, told once for each TALLY_EVERY_MS, however many there
 * were.
 */
import { InletError } from '../core/errors.ts'
import type { Observer } from '../observe/events.ts'
import { deferralReason } from './overload/deferral.ts'

export class Failures {
  readonly #observer: Observer
  #count = 0
  #last = ''

  constructor(observer: Observer) {
    this.#observer = observer
  }

  /** The error that is answered: itself, or INL_ING_FAILED for what nobody foresaw. */
  note(error: unknown): InletError {
    const known = error instanceof InletError ? error : null
    if (known?.disposition === 'reject' && known.status !== null) return known
    if (known !== null && deferralReason(known) !== null) return known
    this.#count++
    this.#last = known?.message ?? placeOf(error)
    return known ?? new InletError('INL_ING_FAILED', {}, error)
  }

  tell(): void {
    if (this.#count === 0) return
    this.#observer('ingress_failed', { requests: this.#count, last: this.#last })
    this.#count = 0
  }
}

/** Where it was thrown and not its message, which may quote a body. */
function placeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  return `${error.name} ${
    error.stack
      ?.split('\n')
      .find((line) => /^ +at /.test(line))
      ?.trim() ?? ''
  }`
}

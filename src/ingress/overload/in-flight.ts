/**
 * The memory that bodies of proven senders may take while they come, and while they wait to be
 * durable: all sources together.
 *
 * Above the soft limit what is not urgent is no longer taken, above the hard one nothing is. One
 * body passes whatever its size, so that none is too large for ever.
 */
import { InletError } from '../../core/errors.ts'
import type { BytePool } from '../body-reader.ts'

export interface InFlightLimits {
  readonly inFlightSoftBytes: number
  readonly inFlightHardBytes: number
}

export class InFlight implements BytePool {
  readonly #limits: InFlightLimits
  #bytes = 0

  constructor(limits: InFlightLimits) {
    this.#limits = limits
  }

  get bytes(): number {
    return this.#bytes
  }

  get isAboveSoft(): boolean {
    return this.#bytes > this.#limits.inFlightSoftBytes
  }

  /** Throws INL_ING_IN_FLIGHT, and takes nothing, where that is more than there is. */
  take(bytes: number): void {
    const wanted = this.#bytes + bytes
    const limit = this.#limits.inFlightHardBytes
    if (wanted > limit && this.#bytes > 0)
      throw new InletError('INL_ING_IN_FLIGHT', { bytes: wanted, limit })
    this.#bytes = wanted
  }

  release(bytes: number): void {
    this.#bytes -= bytes
  }
}

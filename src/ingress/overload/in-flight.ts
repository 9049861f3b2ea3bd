/**
 * The memory that bodies of proven senders may take while they come, and while they wait to be
 * durable: all sources together.
 *
 * Above the soft limit what is not urgent is no longer taken, above the hard one nothing is. Large
 * bodies have a room of their own, as large as the largest body may be: small ones cannot keep them
 * out for ever, nor they small ones. In either room one body passes whatever its size.
 */
import { InletError } from '../../core/errors.ts'
import type { BytePool } from '../body-reader.ts'

export interface InFlightLimits {
  readonly inFlightSoftBytes: number
  readonly inFlightHardBytes: number
  /** Of bodies that are larger than `largeBodyBytes`. */
  readonly inFlightLargeBytes: number
  readonly largeBodyBytes: number
}

export class InFlight {
  readonly #limits: InFlightLimits
  readonly #usual: Room
  readonly #large: Room

  constructor(limits: InFlightLimits) {
    this.#limits = limits
    this.#usual = new Room(limits.inFlightHardBytes)
    this.#large = new Room(limits.inFlightLargeBytes)
  }

  get bytes(): number {
    return this.#usual.bytes + this.#large.bytes
  }

  get isAboveSoft(): boolean {
    return this.#usual.bytes > this.#limits.inFlightSoftBytes
  }

  /** Where a body of that size belongs. */
  roomFor(size: number): BytePool {
    return size > this.#limits.largeBodyBytes ? this.#large : this.#usual
  }
}

class Room implements BytePool {
  readonly #limit: number
  bytes = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Throws INL_ING_IN_FLIGHT, and takes nothing, where that is more than there is. */
  take(bytes: number): void {
    const wanted = this.bytes + bytes
    if (wanted > this.#limit && this.bytes > 0)
      throw new InletError('INL_ING_IN_FLIGHT', { bytes: wanted, limit: this.#limit })
    this.bytes = wanted
  }

  release(bytes: number): void {
    this.bytes -= bytes
  }
}

/**
 * The memory that senders may fill before they have proven who they are, all of them together.
 *
 * Only bodies that come in pieces are charged: one that is whole when it is first seen is judged on
 * the spot. Whoever fills the pool with bodies that never end thus keeps no small event out.
 */
import { InletError } from '../../core/errors.ts'
import type { BytePool } from '../body-reader.ts'

export class UnprovenPool implements BytePool {
  readonly #limit: number
  #taken = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get taken(): number {
    return this.#taken
  }

  /** Throws INL_ING_UNPROVEN, and takes nothing, where that is more than there is. */
  take(bytes: number): void {
    const wanted = this.#taken + bytes
    if (wanted > this.#limit)
      throw new InletError('INL_ING_UNPROVEN', { bytes: wanted, limit: this.#limit })
    this.#taken = wanted
  }

  release(bytes: number): void {
    this.#taken -= bytes
  }
}

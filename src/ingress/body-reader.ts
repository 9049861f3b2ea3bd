/**
 * Puts a body together, within the limit of its source and the memory that bodies share.
 *
 * A body that comes in one piece is that piece. One in several is copied into a block that grows
 * with what came, never with what was announced; pieces are let go at once, because a piece of one
 * byte costs as much memory as one of a hundred. Whoever is done with such a body gives its block
 * back to the memory that it is from; a body that does not become whole gives it back itself.
 */
import { InletError } from '../core/errors.ts'
import type { BodyMemory } from './body-memory.ts'
import type { BodySink } from './http/request.ts'

const FIRST_BYTES = 16 * 1024
const nothing = Buffer.alloc(0)

/** Memory that many share. */
export interface BytePool {
  /** Throws, and takes nothing, where that is more than there is. */
  take(bytes: number): void
  release(bytes: number): void
}

export interface BodyBounds {
  /** Bytes. */
  readonly limit: number
  /** Content-Length, or null where it comes in chunks. */
  readonly announced: number | null
  /** What it is charged to while it is incomplete. */
  readonly pool: BytePool
  readonly memory: BodyMemory
}

/** Thrown where the sender went away: there is nobody to answer. */
export class SenderGone extends Error {
  override readonly name = 'SenderGone'
}

export class BodyReader implements BodySink {
  /**
   * Rejects with INL_ING_BODY_SIZE, SenderGone, or what the pool throws. What comes after a
   * rejection is not kept.
   */
  readonly whole: Promise<Buffer>
  readonly #bounds: BodyBounds
  readonly #resolve: (body: Buffer) => void
  readonly #reject: (reason: Error) => void
  #body: Buffer = nothing
  #length = 0
  #charged = 0
  #refused = false

  constructor(bounds: BodyBounds) {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
    this.whole = promise
    this.#resolve = resolve
    this.#reject = reject
    this.#bounds = bounds
  }

  /** Bytes that have come and are kept. */
  get received(): number {
    return this.#length
  }

  take(piece: Buffer): void {
    if (this.#refused) return
    try {
      this.#add(piece)
    } catch (error) {
      this.#refused = true
      this.#giveUp()
      this.#reject(error instanceof Error ? error : new Error(String(error)))
    }
  }

  /** A whole body is judged at once, and charged for no longer. */
  end(): void {
    const body = this.#body
    this.#resolve(body.length === this.#length ? body : body.subarray(0, this.#length))
    this.#letGo()
  }

  gone(): void {
    this.#reject(new SenderGone())
    this.#giveUp()
  }

  #add(piece: Buffer): void {
    const { limit, announced } = this.#bounds
    const length = this.#length + piece.length
    if (length > limit) throw new InletError('INL_ING_BODY_SIZE', { limit })
    if (piece.length === announced) this.#body = piece
    else {
      if (length > this.#body.length) this.#grow(length)
      piece.copy(this.#body, this.#length)
    }
    this.#length = length
  }

  #giveUp(): void {
    this.#bounds.memory.giveBack(this.#body)
    this.#letGo()
  }

  #letGo(): void {
    this.#bounds.pool.release(this.#charged)
    this.#charged = 0
    this.#length = 0
    this.#body = nothing
  }

  #grow(needed: number): void {
    const { limit, announced, pool, memory } = this.#bounds
    const doubled = Math.max(FIRST_BYTES, 2 * this.#body.length, needed)
    const capacity = Math.min(doubled, announced ?? limit, limit)
    pool.take(capacity - this.#charged)
    this.#charged = capacity
    const larger = memory.lend(capacity).subarray(0, capacity)
    this.#body.copy(larger, 0, 0, this.#length)
    memory.giveBack(this.#body)
    this.#body = larger
  }
}

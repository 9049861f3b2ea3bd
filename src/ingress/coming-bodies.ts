/**
 * Bodies that are on their way, so that one that trickles in does not hold its connection for as
 * long as a request may last: past a moment's grace, each must have come at a least rate.
 */
import type { Socket } from 'node:net'
import type { BodyReader } from './body-reader.ts'

export interface RateLimits {
  readonly bodyBytesPerSecond: number
  readonly bodyGraceMs: number
}

interface Coming {
  readonly socket: Socket
  /** Milliseconds from any origin. */
  readonly since: number
}

export class ComingBodies {
  readonly #limits: RateLimits
  readonly #coming = new Map<BodyReader, Coming>()

  constructor(limits: RateLimits) {
    this.#limits = limits
  }

  add(body: BodyReader, coming: Coming): void {
    this.#coming.set(body, coming)
  }

  delete(body: BodyReader): void {
    this.#coming.delete(body)
  }

  /** Closes the connections of those that are too slow; how many these are. */
  closeSlow(now: number): number {
    const { bodyBytesPerSecond, bodyGraceMs } = this.#limits
    let closed = 0
    for (const [body, { socket, since }] of this.#coming) {
      const ms = now - since
      if (ms < bodyGraceMs || body.received >= (bodyBytesPerSecond * ms) / 1000) continue
      this.#coming.delete(body)
      socket.destroy()
      closed++
    }
    return closed
  }
}

/**
 * Whether a sender could get in: a TLS handshake with the listener, made by itself over loopback.
 *
 * Limits: one handshake a second at most, however many ask, so that nobody can have more work done
 * by asking; it proves no certificate of a client, and does not journal anything.
 */
import { connect } from 'node:tls'
import type { Clock } from '../core/clock.ts'

/** As long as an answer is given again. */
const KEPT_MS = 1000
const WITHIN_MS = 2000

export interface HealthTarget {
  /** What the listener listens on. */
  readonly host: string
  readonly port: number
}

export class HealthCheck {
  readonly #clock: Clock
  readonly #target: () => HealthTarget
  #isUnheard = false
  #last: { readonly at: number; readonly isWell: Promise<boolean> } | null = null

  constructor(clock: Clock, target: () => HealthTarget) {
    this.#clock = clock
    this.#target = target
  }

  isWell(): Promise<boolean> {
    const now = this.#clock.elapsed()
    if (this.#last === null || now - this.#last.at >= KEPT_MS) {
      this.#isUnheard = true
      this.#last = { at: now, isWell: shakesHands(this.#target()) }
    }
    return this.#last.isWell
  }

  /**
   * True once for each handshake: where every client must show a certificate, the listener takes
   * ours for one of a client without, which is to be counted as nobody's.
   */
  takeUnheard(): boolean {
    const isUnheard = this.#isUnheard
    this.#isUnheard = false
    return isUnheard
  }
}

function shakesHands({ host, port }: HealthTarget): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({
      host: loopbackOf(host),
      port,
      // What it shows is for senders to judge, and its name is not ours to know.
      rejectUnauthorized: false,
      // A client is through before its own certificate is looked at.
      minVersion: 'TLSv1.3',
      timeout: WITHIN_MS,
    })
    const end = (isWell: boolean) => {
      resolve(isWell)
      // After a handshake, the listener hears its end, too.
      if (isWell) socket.destroySoon()
      else socket.destroy()
    }
    socket.once('secureConnect', () => end(true))
    socket.once('timeout', () => end(false))
    socket.once('error', () => end(false))
    socket.once('close', () => resolve(false))
  })
}

/** Where to reach what listens on every address. */
function loopbackOf(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  return host === '::' ? '::1' : host
}

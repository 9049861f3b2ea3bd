/**
 * How a sender proves who it is: one file a kind of proof.
 *
 * A proof is pure and answers at once. It sees untrusted input and never throws; how long it takes
 * may depend on that input, never on how much of a secret was guessed.
 */
import type { IncomingHttpHeaders } from 'node:http'

export interface Proof {
  /** Part of the sender's identity, such as `hmac`. */
  readonly name: string
  /** The value of WWW-Authenticate that asks for it. */
  readonly challenge: string
  /** Lower-case names of the headers that carry it, which are never stored. */
  readonly headers: readonly string[]
  /** True when it can only be judged with the whole body at hand. */
  readonly coversBody: boolean
  /** `body` is the bytes on the wire; empty where `coversBody` is false. */
  holds(headers: IncomingHttpHeaders, body: Buffer): boolean
}

/**
 * How a sender proves who it is: one file a kind of proof.
 *
 * A proof answers at once. It sees untrusted input and never throws; how long it takes may depend
 * on that input, never on how much of a secret was guessed.
 */

import type { Peer } from '../clients/peer.ts'
import type { Headers } from '../http/field-lines.ts'

/** What a request shows of who sent it. */
export interface Claim {
  readonly headers: Headers
  /** Whose connection it is, or whom a declared proxy names. */
  readonly peer: Peer
  /** The bytes on the wire; empty for a proof that does not cover them. */
  readonly body: Buffer
  /** When the head of the request came, milliseconds since the epoch. */
  readonly at: number
}

/**
 * - `holds`
 * - `wrong`: not right, which another secret would mend: 401
 * - `missing`: nothing of it was sent: 401
 * - `stale`: right, but for a time that is too far from ours: 401
 * - `forbidden`: it is known who this is, and who this is may not deliver here: 403
 * - `unknown`: it cannot be judged for a fault of ours: 503
 */
export type Verdict = 'holds' | 'wrong' | 'missing' | 'stale' | 'forbidden' | 'unknown'

export interface Proof {
  /** Part of the sender's identity, such as `hmac`. */
  readonly name: string
  /** The value of WWW-Authenticate that asks for it; null where no header could bring it. */
  readonly challenge: string | null
  /** Lower-case names of the headers that carry it, which are never stored. */
  readonly headers: readonly string[]
  /** True when it can only be judged with the whole body at hand. */
  readonly coversBody: boolean
  judge(claim: Claim): Verdict
  /**
   * What it held by, where that differs from sender to sender, such as `CN=genesys-prod`: one of a
   * few texts of the configuration. Asked for a peer whose claim held.
   */
  proven?(peer: Peer): string | null
}

/**
 * What proofs that must all hold come to. Where several do not, who is known and not welcome is
 * told so first, and a fault of ours last.
 */
export function judgeAll(proofs: readonly Proof[], claim: Claim): Verdict {
  let worst: Verdict = 'holds'
  for (const proof of proofs) {
    const verdict = proof.judge(claim)
    if (severity[verdict] > severity[worst]) worst = verdict
  }
  return worst
}

const severity: Readonly<Record<Verdict, number>> = {
  ...{ holds: 0, unknown: 1, stale: 2, missing: 3, wrong: 4, forbidden: 5 },
}

/** What a request shows of its sender, for the tests of proofs. */
import type { Claim } from '../../src/ingress/proofs/proof.ts'

export function claim(
  headers: Readonly<Record<string, string>>,
  body: Buffer = Buffer.alloc(0),
): Claim {
  const peer = { address: '127.0.0.1', certificate: null }
  return { headers: new Map(Object.entries(headers)), peer, body, at: 0 }
}

/** What a request shows of its sender, for the tests of proofs. */
import type { Claim } from '../../src/ingress/proofs/proof.ts'

export function claim(headers: Claim['headers'], body: Buffer = Buffer.alloc(0)): Claim {
  return { headers, peer: { address: '127.0.0.1', certificate: null }, body, at: 0 }
}

/** An address that a source allows: of the connection, or what a declared proxy names. */
import { addressList } from '../clients/address-list.ts'
import type { Peer } from '../clients/peer.ts'
import type { Proof } from './proof.ts'

/** Throws a RangeError where one of `networks` is none. */
export function addressProof(networks: readonly string[]): Proof {
  const list = addressList(networks)
  const found = new WeakMap<Peer, boolean>()
  const isAllowed = (peer: Peer): boolean => {
    const known = found.get(peer)
    if (known !== undefined) return known
    const allowed = list.has(peer.address)
    found.set(peer, allowed)
    return allowed
  }
  return {
    name: 'address',
    challenge: null,
    headers: [],
    coversBody: false,
    judge: ({ peer }) => (isAllowed(peer) ? 'holds' : 'forbidden'),
  }
}

/**
 * Lists of addresses and networks, for IPv4 and IPv6. An IPv4 address that is written as an IPv6
 * one (`::ffff:203.0.113.9`) is the IPv4 address.
 */
import { BlockList, isIP, isIPv4 } from 'node:net'

export interface AddressList {
  /** `address` as `plainAddress` gives it; what is no address is in no list. */
  has(address: string): boolean
}

/** `null` where the text is none: an address, or a network such as `203.0.113.0/24`. */
export function parseNetwork(text: string): { address: string; bits: number } | null {
  const [address = '', prefix, ...rest] = text.split('/')
  const family = isIP(address)
  if (family === 0 || address.includes('%') || rest.length > 0) return null
  const most = family === 4 ? 32 : 128
  if (prefix === undefined) return { address, bits: most }
  const bits = Number(prefix)
  return /^\d{1,3}$/.test(prefix) && bits <= most ? { address, bits } : null
}

/** Throws a RangeError where a text is no network. */
export function addressList(networks: readonly string[]): AddressList {
  const list = new BlockList()
  for (const text of networks) {
    const network = parseNetwork(text)
    if (network === null) throw new RangeError(`${text} is neither an address nor a network`)
    const { address, bits } = network
    list.addSubnet(address, bits, familyOf(address))
  }
  return {
    has: (address) => isIP(address) !== 0 && list.check(address, familyOf(address)),
  }
}

/** As sockets and headers give it, without brackets, port, zone, or an IPv6 coat over IPv4. */
export function plainAddress(text: string): string {
  const bare = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? text.replace(/^([\d.]+):\d+$/, '$1')
  const zoneless = bare.split('%', 1)[0] ?? ''
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(zoneless)?.[1]
  return mapped !== undefined && isIPv4(mapped) ? mapped : zoneless
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return address.includes(':') ? 'ipv6' : 'ipv4'
}

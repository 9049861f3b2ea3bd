/**
 * A signature of the body: HMAC-SHA-256 of the bytes on the wire, hexadecimal or base64 in a
 * header, with or without `sha256=` before it.
 */
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import type { HmacOptions } from '../options.ts'
import type { Proof } from './proof.ts'

const DIGEST_BYTES = 32
const prefix = 'sha256='
/** Characters of a digest. */
const lengths = { hex: 64, base64: 44 } as const

export function hmacProof(options: HmacOptions): Proof {
  const { encoding } = options
  const header = options.header.toLowerCase()
  const keys = options.secrets.map((secret) => createSecretKey(Buffer.from(secret)))
  const claimed = Buffer.alloc(DIGEST_BYTES)
  const computed = Buffer.alloc(DIGEST_BYTES)
  return {
    name: 'hmac',
    challenge: `HMAC-SHA256 realm="inlet", header="${options.header}"`,
    headers: [header],
    coversBody: true,
    holds(headers, body) {
      const value = headers[header]
      if (typeof value !== 'string') return false
      const signature = value.startsWith(prefix) ? value.slice(prefix.length) : value
      if (signature.length !== lengths[encoding]) return false
      if (claimed.write(signature, encoding) !== DIGEST_BYTES) return false
      return keys.some((key) => {
        // Asked for as a text, which is cheaper than a Buffer of its own for each digest.
        computed.write(createHmac('sha256', key).update(body).digest('latin1'), 'latin1')
        return timingSafeEqual(claimed, computed)
      })
    },
  }
}

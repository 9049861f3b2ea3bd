/**
 * A signature of the body: HMAC-SHA-256 of the bytes on the wire, hexadecimal or base64 in a
 * header, with or without `sha256=` before it.
 */
import { timingSafeEqual } from 'node:crypto'
import type { HmacOptions } from '../options.ts'
import { createSigner, DIGEST_BYTES } from './hmac-sha256.ts'
import type { Proof } from './proof.ts'

const prefix = 'sha256='
/** Characters of a digest. */
const lengths = { hex: 64, base64: 44 } as const

export function hmacProof(options: HmacOptions): Proof {
  const { encoding } = options
  const header = options.header.toLowerCase()
  const signers = options.secrets.map(createSigner)
  const claimed = Buffer.alloc(DIGEST_BYTES)
  const computed = Buffer.alloc(DIGEST_BYTES)
  return {
    name: 'hmac',
    challenge: `HMAC-SHA256 realm="inlet", header="${options.header}"`,
    headers: [header],
    coversBody: true,
    judge({ headers, body }) {
      const value = headers[header]
      if (typeof value !== 'string') return 'wrong'
      const signature = value.startsWith(prefix) ? value.slice(prefix.length) : value
      if (signature.length !== lengths[encoding]) return 'wrong'
      if (claimed.write(signature, encoding) !== DIGEST_BYTES) return 'wrong'
      const isSigned = signers.some((sign) => {
        sign(body, computed)
        return timingSafeEqual(claimed, computed)
      })
      return isSigned ? 'holds' : 'wrong'
    },
  }
}

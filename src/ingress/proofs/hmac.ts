/**
 * A signature of the body: HMAC-SHA-256 in a header, hexadecimal or base64, with or without
 * `sha256=` before it.
 *
 * What is signed is the body byte for byte as it is on the wire. Where a timestamp is asked for, it
 * is the value of its header, a full stop, and the body: `1735786800.{"notificationId":...}`. The
 * timestamp is a whole number since the epoch, in seconds (up to 11 digits) or milliseconds (12 to
 * 14), and signed as it is written. Outside of the tolerance, in the past or the future, the proof
 * is wrong, so that a delivery that was overheard is good for that long only; within it a repeated
 * delivery is told by its identity, like any other.
 */
import { timingSafeEqual } from 'node:crypto'
import type { HmacOptions, TimestampOptions } from '../options.ts'
import { createSigner, DIGEST_BYTES } from './hmac-sha256.ts'
import { Keyring } from './keyring.ts'
import type { Claim, Proof } from './proof.ts'

const prefix = 'sha256='
/** Characters of a digest. */
const lengths = { hex: 64, base64: 44 } as const

export function hmacProof(options: HmacOptions): Proof {
  const header = options.header.toLowerCase()
  const timestamp = options.timestamp && {
    ...options.timestamp,
    header: options.timestamp.header.toLowerCase(),
  }
  const keys = new Keyring(options.secrets, createSigner)
  const claimed = Buffer.alloc(DIGEST_BYTES)
  const computed = Buffer.alloc(DIGEST_BYTES)
  return {
    name: 'hmac',
    challenge: challengeOf(options),
    headers: [header],
    coversBody: true,
    judge(claim) {
      const before = signedBefore(claim, timestamp)
      const isWritten = readDigest(claim.headers[header], options.encoding, claimed)
      return keys.judge((sign) => {
        if (before === null || !isWritten) return false
        sign(before, claim.body, computed)
        return timingSafeEqual(claimed, computed)
      })
    },
  }
}

/** Names the headers, because a sender that signs without the time would never find out. */
function challengeOf({ header, timestamp }: HmacOptions): string {
  const time = timestamp === undefined ? '' : `, timestamp="${timestamp.header}"`
  return `HMAC-SHA256 realm="inlet", header="${header}"${time}`
}

/** False where the header holds nothing that could be a digest. */
function readDigest(
  value: string | string[] | undefined,
  encoding: HmacOptions['encoding'],
  into: Buffer,
): boolean {
  if (typeof value !== 'string') return false
  const digest = value.startsWith(prefix) ? value.slice(prefix.length) : value
  return digest.length === lengths[encoding] && into.write(digest, encoding) === DIGEST_BYTES
}

/** What is signed before the body; null where a timestamp is missing or outside its tolerance. */
function signedBefore(claim: Claim, timestamp: TimestampOptions | undefined): string | null {
  if (timestamp === undefined) return ''
  const value = claim.headers[timestamp.header]
  if (typeof value !== 'string' || !/^\d{1,14}$/.test(value)) return null
  const at = Number(value) * (value.length <= 11 ? 1000 : 1)
  return Math.abs(claim.at - at) <= timestamp.tolerance ? `${value}.` : null
}

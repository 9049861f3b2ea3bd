/**
 * A signature of the body: HMAC-SHA-256 in a header, hexadecimal or base64, with or without
 * `sha256=` before it.
 *
 * What is signed is the body byte for byte as it is on the wire. Where a timestamp is asked for, it
 * is the value of its header, a full stop, and the body: `1735786800.{"notificationId":...}`. The
 * timestamp is a whole number since the epoch, in seconds (up to 11 digits) or milliseconds (12 to
 * 14), and signed as it is written. Outside of the tolerance, in the past or the future, the proof
 * is stale, so that a delivery that was overheard is good for that long only; within it a repeated
 * delivery is told by its identity, like any other.
 */
import { timingSafeEqual } from 'node:crypto'
import type { HmacOptions, TimestampOptions } from '../options.ts'
import { createSigner, DIGEST_BYTES } from './hmac-sha256.ts'
import { Keyring } from './keyring.ts'
import type { Proof } from './proof.ts'

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
      const value = claim.headers.get(header)
      const time = timestamp === undefined ? '' : claim.headers.get(timestamp.header)
      const before = timestamp === undefined ? '' : signedBefore(time)
      const isWritten = readDigest(value, options.encoding, claimed)
      const verdict = keys.judge((sign) => {
        if (before === null || !isWritten) return false
        sign(before, claim.body, computed)
        return timingSafeEqual(claimed, computed)
      })
      if (verdict === 'wrong' && (value === undefined || time === undefined)) return 'missing'
      return verdict === 'holds' && isStale(claim.at, time, timestamp) ? 'stale' : verdict
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
  value: string | undefined,
  encoding: HmacOptions['encoding'],
  into: Buffer,
): boolean {
  if (value === undefined) return false
  const digest = value.startsWith(prefix) ? value.slice(prefix.length) : value
  return digest.length === lengths[encoding] && into.write(digest, encoding) === DIGEST_BYTES
}

/** What is signed before the body; null where that is no timestamp. */
function signedBefore(value: string | undefined): string | null {
  return value !== undefined && /^\d{1,14}$/.test(value) ? `${value}.` : null
}

/** `value`: of a timestamp that was signed. */
function isStale(
  now: number,
  value: string | undefined,
  options: TimestampOptions | undefined,
): boolean {
  if (options === undefined) return false
  const at = Number(value) * (String(value).length <= 11 ? 1000 : 1)
  return Math.abs(now - at) > options.tolerance
}

/**
 * HMAC-SHA-256 (RFC 2104), for bodies of a few kilobytes at half the cost of `createHmac`, most of
 * which goes into an object for each signature: here a signature is two hashes over memory that
 * stays.
 */
import { createHmac, createSecretKey, hash } from 'node:crypto'

export const DIGEST_BYTES = 32
const BLOCK_BYTES = 64
/** Above it the hashing counts and the object does not. */
const SMALL_BODY_BYTES = 16 * 1024

/** What may be signed before a body: ASCII, and short. */
const MAX_BEFORE_BYTES = 16

/**
 * Writes the signature of `before` and `body` to the begin of `into`. `before` is ASCII of at most
 * MAX_BEFORE_BYTES.
 */
export type Signer = (before: string, body: Buffer, into: Buffer) => void

export function createSigner(secret: string): Signer {
  const key = createSecretKey(Buffer.from(secret))
  const inner = Buffer.alloc(BLOCK_BYTES + MAX_BEFORE_BYTES + SMALL_BODY_BYTES)
  const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES)
  const block = keyBlock(secret)
  for (let index = 0; index < BLOCK_BYTES; index++) {
    inner[index] = (block[index] ?? 0) ^ 0x36
    outer[index] = (block[index] ?? 0) ^ 0x5c
  }
  return (before, body, into) => {
    // Digests are asked for as texts, which are cheaper than Buffers.
    if (body.length > SMALL_BODY_BYTES) {
      into.write(createHmac('sha256', key).update(before).update(body).digest('latin1'), 'latin1')
      return
    }
    const start = before === '' ? BLOCK_BYTES : writeBefore(inner, before)
    body.copy(inner, start)
    const message = inner.subarray(0, start + body.length)
    outer.write(hash('sha256', message, 'latin1'), BLOCK_BYTES, 'latin1')
    into.write(hash('sha256', outer, 'latin1'), 'latin1')
  }
}

/** Where the body begins. */
function writeBefore(inner: Buffer, before: string): number {
  return BLOCK_BYTES + inner.write(before, BLOCK_BYTES, MAX_BEFORE_BYTES, 'latin1')
}

/** A key as long as a block: longer ones are hashed, shorter ones end in zeros. */
function keyBlock(secret: string): Buffer {
  const bytes = Buffer.from(secret)
  const block = Buffer.alloc(BLOCK_BYTES)
  const short = bytes.length > BLOCK_BYTES ? hash('sha256', bytes, 'buffer') : bytes
  short.copy(block)
  return block
}

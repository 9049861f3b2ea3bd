/**
 * The key of pseudonyms: HMAC-SHA-256 (RFC 2104) and the two pads that SQL computes the same with.
 *
 * A key is named by an id that follows from it, so that a pseudonym says which key it was made
 * with, two lakes with one key can be joined, and after a rotation old and new are told apart. The
 * id tells nothing of the key: it is a keyed hash of a fixed text.
 */
import { createHmac, hash } from 'node:crypto'

const BLOCK_BYTES = 64
/** 32 bits tell the few keys of a lake apart, 128 tell people apart. */
const ID_DIGITS = 8
export const PSEUDONYM_DIGITS = 32

export class PrivacyKey {
  /** Eight hexadecimal digits. */
  readonly id: string
  readonly #secret: Buffer

  constructor(secret: string) {
    this.#secret = Buffer.from(secret)
    this.id = this.#digest('inlet privacy key').slice(0, ID_DIGITS)
  }

  /** `h1:<key id>:<32 hexadecimal digits>` of a text as it stands. */
  pseudonym(text: string): string {
    return `h1:${this.id}:${this.#digest(text).slice(0, PSEUDONYM_DIGITS)}`
  }

  /** What HMAC puts before its inner and its outer message. As secret as the key. */
  pads(): { readonly inner: Uint8Array; readonly outer: Uint8Array } {
    const block = Buffer.alloc(BLOCK_BYTES)
    const isLong = this.#secret.length > BLOCK_BYTES
    const key = isLong ? hash('sha256', this.#secret, 'buffer') : this.#secret
    key.copy(block)
    return { inner: block.map((byte) => byte ^ 0x36), outer: block.map((byte) => byte ^ 0x5c) }
  }

  #digest(text: string): string {
    return createHmac('sha256', this.#secret).update(text).digest('hex')
  }
}

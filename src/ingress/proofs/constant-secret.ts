/**
 * A secret that stands in a header as it is: what API keys, tokens and passwords have in common.
 *
 * Digests are compared and not the texts, so that the length of a secret shows no more than its
 * content does. Whoever reads such a header can send it again with any body: it is worth what TLS
 * is worth.
 */
import { hash, timingSafeEqual } from 'node:crypto'
import { Keyring } from './keyring.ts'
import type { LiveSecrets } from './live-secrets.ts'
import type { Proof } from './proof.ts'

export interface ConstantSecret {
  readonly name: string
  readonly challenge: string
  /** In any case. */
  readonly header: string
  readonly secrets: LiveSecrets
  /** What of the header's value is compared; null where it is none of that kind. */
  readonly claimed: (value: string) => string | Buffer | null
  /** What a secret makes of it. */
  readonly expected: (secret: string) => string
}

export function constantSecretProof(options: ConstantSecret): Proof {
  const { name, challenge, secrets, claimed, expected } = options
  const header = options.header.toLowerCase()
  const keys = new Keyring(secrets, (secret) => digest(expected(secret)))
  return {
    name,
    challenge,
    headers: [header],
    coversBody: false,
    judge({ headers }) {
      const value = headers.get(header)
      const given = typeof value === 'string' ? claimed(value) : null
      const found = given === null ? null : digest(given)
      const verdict = keys.judge((key) => found !== null && timingSafeEqual(key, found))
      return verdict === 'wrong' && value === undefined ? 'missing' : verdict
    },
  }
}

function digest(secret: string | Buffer): Buffer {
  return hash('sha256', secret, 'buffer')
}

/**
 * A constant bearer token (RFC 6750).
 *
 * Limit: tokens are compared, never read. One that an authorisation server issues changes every
 * hour and is not known here.
 */
import type { SecretOptions } from '../options.ts'
import { constantSecretProof } from './constant-secret.ts'
import type { Proof } from './proof.ts'

const shape = /^bearer +([^ ]+)$/i

export function bearerProof({ secrets }: SecretOptions): Proof {
  return constantSecretProof({
    name: 'bearer',
    challenge: 'Bearer realm="inlet"',
    header: 'Authorization',
    secrets,
    claimed: (value) => shape.exec(value)?.[1] ?? null,
    expected: (secret) => secret,
  })
}

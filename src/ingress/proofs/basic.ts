/** A user and a password (RFC 7617), compared together: which of the two is wrong is not told. */
import type { BasicOptions } from '../options.ts'
import { constantSecretProof } from './constant-secret.ts'
import type { Proof } from './proof.ts'

const shape = /^basic +([A-Za-z0-9+/]+={0,2})$/i

export function basicProof({ user, secrets }: BasicOptions): Proof {
  return constantSecretProof({
    name: 'basic',
    challenge: 'Basic realm="inlet", charset="UTF-8"',
    header: 'Authorization',
    secrets,
    claimed(value) {
      const encoded = shape.exec(value)?.[1]
      return encoded === undefined ? null : Buffer.from(encoded, 'base64')
    },
    expected: (secret) => `${user}:${secret}`,
  })
}

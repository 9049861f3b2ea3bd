/** A key that stands in a header, as EventBridge API destinations send it. */
import type { ApiKeyOptions } from '../options.ts'
import { constantSecretProof } from './constant-secret.ts'
import type { Proof } from './proof.ts'

export function apiKeyProof({ header, secrets }: ApiKeyOptions): Proof {
  return constantSecretProof({
    name: 'apikey',
    challenge: `ApiKey realm="inlet", header="${header}"`,
    header,
    secrets,
    claimed: (value) => value,
    expected: (secret) => secret,
  })
}

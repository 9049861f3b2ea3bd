/** The access key of a Firehose HTTP endpoint destination. */
import type { SecretOptions } from '../options.ts'
import { constantSecretProof } from './constant-secret.ts'
import type { Proof } from './proof.ts'

const header = 'X-Amz-Firehose-Access-Key'

export function firehoseKeyProof({ secrets }: SecretOptions): Proof {
  return constantSecretProof({
    name: 'firehosekey',
    challenge: `ApiKey realm="inlet", header="${header}"`,
    header,
    secrets,
    claimed: (value) => value,
    expected: (secret) => secret,
  })
}

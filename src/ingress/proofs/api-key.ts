/** A key that stands in a header, as EventBridge API destinations send it. */
import { hash, timingSafeEqual } from 'node:crypto'
import type { ApiKeyOptions } from '../options.ts'
import type { Proof } from './proof.ts'

export function apiKeyProof(options: ApiKeyOptions): Proof {
  const header = options.header.toLowerCase()
  const secrets = options.secrets.map(digest)
  return {
    name: 'apikey',
    challenge: `ApiKey realm="inlet", header="${options.header}"`,
    headers: [header],
    coversBody: false,
    judge({ headers }) {
      const value = headers[header]
      if (typeof value !== 'string') return 'wrong'
      // Digests have one length, so that the length of a secret shows no more than its content.
      const claimed = digest(value)
      const isKnown = secrets.some((secret) => timingSafeEqual(secret, claimed))
      return isKnown ? 'holds' : 'wrong'
    },
  }
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}

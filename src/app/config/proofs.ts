/** The key `sources[].auth`: how a sender proves who it is. Secrets are only ever references. */
import { z } from 'zod'
import {
  certificateName,
  duration,
  fingerprint,
  headerName,
  networks,
  oneOf,
  urlPath,
  userName,
} from './kinds.ts'
import { secrets } from './secret-reference.ts'

const timestamp = z
  .strictObject({
    header: headerName({
      description: 'The header that carries it.',
      example: 'X-Timestamp',
    }),
    tolerance: duration({
      description:
        'How far it may be from the clock of this machine, before or after: what a sender that repeats an old signature must stay within.',
      example: '5m',
      min: '1s',
      max: '7d',
    }).prefault('5m'),
  })
  .meta({
    description:
      'A time that is signed with the body: the signature is over the value of this header, a full stop, and the body. Whole seconds or milliseconds since 1970; one outside the tolerance proves nothing.',
  })

const hmac = z
  .strictObject({
    header: headerName({
      description: 'The header that carries the proof.',
      example: 'X-Genesys-Signature',
    }),
    encoding: oneOf(['hex', 'base64'], {
      description: 'How the proof is written, with or without `sha256=` before it.',
      example: 'hex',
    }).prefault('hex'),
    timestamp: timestamp.exactOptional(),
    secrets,
  })
  .meta({ description: 'HMAC-SHA-256 over the body, byte for byte as it was sent.' })

const apiKey = z
  .strictObject({
    header: headerName({
      description: 'The header that carries the key.',
      example: 'X-Api-Key',
    }).prefault('X-Api-Key'),
    secrets,
  })
  .meta({ description: 'A header with a constant secret.' })

export const basic = z
  .strictObject({
    user: userName({ description: 'The user; the secrets are passwords.', example: 'genesys' }),
    secrets,
  })
  .meta({ description: '`Authorization: Basic`, a user and a password.' })

export const bearer = z.strictObject({ secrets }).meta({
  description:
    '`Authorization: Bearer` with a constant token. Tokens that change, as an API destination with OAuth client credentials sends them, are the proof `oauth`.',
})

const firehoseKey = z.strictObject({ secrets }).meta({
  description: 'X-Amz-Firehose-Access-Key, the access key of a Firehose HTTP endpoint destination.',
})

const oauth = z
  .strictObject({
    clientId: userName({ description: 'The client; the secrets are its own.', example: 'aws' }),
    tokenPath: urlPath({
      description:
        'Where the client asks for tokens, on the port of the source, with `grant_type=client_credentials`. No source may have this path.',
      example: '/genesys/token',
    }),
    lifetime: duration({
      description: 'How long a token is good. One more often means one more request to the door.',
      example: '1h',
      min: '1m',
      max: '7d',
    }).prefault('1h'),
    secrets,
  })
  .meta({
    description:
      '`Authorization: Bearer` with a token that Inlet gave to the client for its id and secret (OAuth client credentials), as an API destination asks for it. A token is good until its time, or until the secret that it was given for is taken out.',
  })

/** The proofs that are made with a secret. */
const withSecrets = {
  hmac: hmac.exactOptional(),
  apiKey: apiKey.exactOptional(),
  basic: basic.exactOptional(),
  bearer: bearer.exactOptional(),
  firehoseKey: firehoseKey.exactOptional(),
  oauth: oauth.exactOptional(),
}

export type SecretProof = keyof typeof withSecrets
export const secretProofs = [
  'hmac',
  'apiKey',
  'basic',
  'bearer',
  'firehoseKey',
  'oauth',
] as const satisfies readonly SecretProof[]

const clientCertificate = z
  .union([
    z.strictObject({ commonName: certificateName('The only common name of the subject.') }),
    z.strictObject({
      san: certificateName(
        'One of the alternative names, with or without its kind: `DNS:`, `URI:`, `email:`, `IP:`.',
      ),
    }),
    z.strictObject({
      fingerprint256: fingerprint({
        description: 'The SHA-256 of the certificate, hexadecimal, with or without colons.',
        example: 'a3f1...',
      }),
    }),
  ])
  .meta({
    title: 'a name or the fingerprint of a certificate',
    description: 'Compared whole: no part of a name and no wildcard.',
    examples: ['{ commonName: genesys-prod }', '{ san: "DNS:sender.example.com" }'],
  })

const clientCertificates = z
  .array(clientCertificate)
  .min(1)
  .max(100)
  .meta({
    title: 'a list of client certificates',
    description:
      'Any of them is the sender. Needs listen.tls.clientCaFile, or a trusted proxy that verifies.',
    examples: ['[{ commonName: genesys-prod }]'],
  })

const proofs = z.strictObject({
  clientCertificates: clientCertificates.exactOptional(),
  ...withSecrets,
  allow: networks({
    description:
      'The addresses that may send, IPv4 and IPv6; others are answered 403. Of the client itself where listen.trustedProxy names it.',
    example: '[203.0.113.0/24, "2001:db8::/32"]',
  }).exactOptional(),
})

export type Proofs = z.output<typeof proofs>

export const auth = z.union([z.literal('none'), proofs]).meta({
  title: '"none" or the proofs that a sender must give',
  description:
    'The proofs that must all hold. `none` takes events from anybody, which only a loopback host may.',
  examples: ['{ hmac: { header: X-Genesys-Signature, secrets: [{ env: GENESYS_SECRET }] } }'],
})

/** The header that each proof with a secret is in, in lower case. */
export function proofHeaders({ hmac, apiKey, basic, bearer, firehoseKey, oauth }: Proofs) {
  const headers: Readonly<Record<SecretProof, string | undefined>> = {
    hmac: hmac?.header,
    apiKey: apiKey?.header,
    basic: basic && 'Authorization',
    bearer: bearer && 'Authorization',
    firehoseKey: firehoseKey && 'X-Amz-Firehose-Access-Key',
    oauth: oauth && 'Authorization',
  }
  return secretProofs.flatMap((proof) => {
    const header = headers[proof]
    return header === undefined ? [] : [{ proof, header }]
  })
}

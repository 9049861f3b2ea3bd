/** The key `sources[].auth`: how a sender proves who it is. Secrets are only ever references. */
import { z } from 'zod'
import { environmentName, filePath, headerName, oneOf } from './kinds.ts'

const inEnvironment = z.strictObject({
  env: environmentName({
    description: 'The environment variable that holds the secret.',
    example: 'GENESYS_SECRET',
  }),
})

const inFile = z.strictObject({
  file: filePath({
    description: 'The file that holds the secret; line breaks at its end do not count.',
    example: '/run/secrets/genesys',
  }),
})

const secret = z.union([inEnvironment, inFile]).meta({
  title: 'a reference to a secret',
  description: 'Where the secret is found. It never stands in this file.',
  examples: ['{ env: GENESYS_SECRET }', '{ file: /run/secrets/genesys }'],
})

export type SecretReference = z.output<typeof secret>

const secrets = z
  .array(secret)
  .min(1)
  .max(8)
  .meta({
    title: 'a list of references to secrets',
    description: 'Any of them proves the sender, so that one can take the place of another.',
    examples: ['[{ env: GENESYS_SECRET }]'],
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

const proofs = z.strictObject({ hmac: hmac.exactOptional(), apiKey: apiKey.exactOptional() })

export const auth = z.union([z.literal('none'), proofs]).meta({
  title: '"none" or the proofs that a sender must give',
  description:
    'The proofs that must all hold. `none` takes events from anybody, which only a loopback host may.',
  examples: ['{ hmac: { header: X-Genesys-Signature, secrets: [{ env: GENESYS_SECRET }] } }'],
})

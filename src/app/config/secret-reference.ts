/** Where a secret is found. Nothing in a configuration is a secret itself. */
import { z } from 'zod'
import { awsName, awsRegion, environmentName, filePath, jsonKey } from './kinds.ts'

const inEnvironment = z.strictObject({
  env: environmentName({
    description: 'The environment variable that holds the secret. Read once, at the start.',
    example: 'GENESYS_SECRET',
  }),
})

const inFile = z.strictObject({
  file: filePath({
    description:
      'The file that holds the secret; line breaks at its end do not count. Read again every few seconds.',
    example: '/run/secrets/genesys',
  }),
})

const region = awsRegion({
  description: 'Where it is kept; the region of the environment by default.',
  example: 'eu-central-1',
}).exactOptional()

const secretId = awsName({
  description: 'Its name or ARN. AWS credentials are those of the environment.',
  example: 'prod/genesys',
})

const inSecretsManager = z.strictObject({
  awsSecret: z
    .union([
      secretId,
      z.strictObject({
        id: secretId,
        key: jsonKey({
          description: 'The member that is meant, where the secret is a JSON object.',
          example: 'webhook',
        }).exactOptional(),
        region,
      }),
    ])
    .meta({
      title: 'the name of a secret, or a mapping that says which',
      description: 'A secret of AWS Secrets Manager. Read again every few minutes.',
      examples: ['prod/genesys', '{ id: prod/genesys, key: webhook }'],
    }),
})

const parameterName = awsName({
  description: 'Its name or ARN. A SecureString is decrypted.',
  example: '/prod/genesys',
})

const inParameterStore = z.strictObject({
  awsParameter: z.union([parameterName, z.strictObject({ name: parameterName, region })]).meta({
    title: 'the name of a parameter, or a mapping that says which',
    description: 'A parameter of AWS Systems Manager. Read again every few minutes.',
    examples: ['/prod/genesys', '{ name: /prod/genesys, region: eu-central-1 }'],
  }),
})

export const secret = z.union([inEnvironment, inFile, inSecretsManager, inParameterStore]).meta({
  title: 'a reference to a secret',
  description: 'Where the secret is found. It never stands in this file.',
  examples: [
    '{ env: GENESYS_SECRET }',
    '{ file: /run/secrets/genesys }',
    '{ awsSecret: prod/genesys }',
  ],
})

export type SecretReference = z.output<typeof secret>

export const secrets = z
  .array(secret)
  .min(1)
  .max(8)
  .meta({
    title: 'a list of references to secrets',
    description: 'Any of them proves the sender, so that one can take the place of another.',
    examples: ['[{ env: GENESYS_SECRET }]'],
  })

/** For people: `the file /run/secrets/genesys`. */
export function placeOf(reference: SecretReference): string {
  if ('env' in reference) return `the environment variable ${reference.env}`
  if ('file' in reference) return `the file ${reference.file}`
  if ('awsParameter' in reference) return `the AWS parameter ${parameterOf(reference).name}`
  const { id, key } = secretOf(reference)
  return key === undefined ? `the AWS secret ${id}` : `${key} in the AWS secret ${id}`
}

type InSecretsManager = Extract<SecretReference, { awsSecret: unknown }>
type InParameterStore = Extract<SecretReference, { awsParameter: unknown }>

/** The mapping that a name alone stands for. */
export function secretOf({ awsSecret }: InSecretsManager) {
  return typeof awsSecret === 'string' ? { id: awsSecret } : awsSecret
}

export function parameterOf({ awsParameter }: InParameterStore) {
  return typeof awsParameter === 'string' ? { name: awsParameter } : awsParameter
}

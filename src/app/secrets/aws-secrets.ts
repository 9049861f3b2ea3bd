/**
 * Secrets Manager and the Parameter Store. Their clients are imported and made when the first
 * secret is asked for, which costs a fifth of a second and 20 MiB: most configurations have none.
 *
 * Credentials, and the region where none is given, come from the chain that every AWS client
 * follows: environment, shared files, container, instance.
 */
import type { AwsSecrets } from './read-secret.ts'

/** A gateway waits for its secrets when it starts. */
const requestHandler = { connectionTimeout: 2000, requestTimeout: 5000 }
const maxAttempts = 3

export function awsSecrets(): AwsSecrets {
  const managers = new Map<string, ReturnType<typeof openManager>>()
  const stores = new Map<string, ReturnType<typeof openStore>>()
  return {
    async secret(id, region) {
      const read = await once(managers, region, openManager)
      return read(id)
    },
    async parameter(name, region) {
      const read = await once(stores, region, openStore)
      return read(name)
    },
  }
}

type Read = (name: string) => Promise<string>

async function openManager(region: string | undefined): Promise<Read> {
  const { SecretsManager } = await import('@aws-sdk/client-secrets-manager')
  const client = new SecretsManager({ requestHandler, maxAttempts, ...(region && { region }) })
  return async (id) => {
    const { SecretString } = await client.getSecretValue({ SecretId: id })
    if (SecretString === undefined) throw new Error('it holds bytes and no text')
    return SecretString
  }
}

async function openStore(region: string | undefined): Promise<Read> {
  const { SSM } = await import('@aws-sdk/client-ssm')
  const client = new SSM({ requestHandler, maxAttempts, ...(region && { region }) })
  return async (name) => {
    const { Parameter } = await client.getParameter({ Name: name, WithDecryption: true })
    return Parameter?.Value ?? ''
  }
}

/** One client a region, shared by calls that meet. */
function once(
  opened: Map<string, Promise<Read>>,
  region: string | undefined,
  open: (region: string | undefined) => Promise<Read>,
): Promise<Read> {
  const key = region ?? ''
  const found = opened.get(key) ?? open(region)
  opened.set(key, found)
  return found
}

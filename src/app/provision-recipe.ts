/** The recipe of what AWS needs for a source, out of its configuration. Reads no secret. */
import { InletError } from '../core/errors.ts'
import type { JsonObject } from '../event/json.ts'
import { type RecipeProof, type RecipeSecret, recipeOf } from '../genesys/provisioning/recipe.ts'
import type { Proofs } from './config/proofs.ts'
import type { Config } from './config/schema.ts'
import { type SecretReference, secretOf } from './config/secret-reference.ts'
import type { Source } from './config/sources.ts'

/** The sources that Amazon EventBridge delivers to. */
export function recipeSources({ sources }: Pick<Config, 'sources'>): Source[] {
  return sources.filter(({ subscription }) => subscription?.kind === 'eventbridge')
}

/** Rejects with INL_GEN_SUBSCRIPTION where EventBridge could not deliver to the source. */
export function recipeFor({ orgs }: Pick<Config, 'orgs'>, source: Source): JsonObject {
  const { subscription, auth, name } = source
  const org = orgs.find((one) => one.name === source.org)
  const endpoint = subscription?.publicUrl ?? null
  if (org === undefined)
    throw refusal(name, ['it names no org', 'Give the source its org, whose orgId is in the bus.'])
  if (subscription === undefined || endpoint === null)
    throw refusal(name, ['it has no URL to deliver to', 'Add subscription.publicUrl.'])
  const region = subscription.awsRegion ?? undefined
  const proof = auth === 'none' ? null : proofOf(auth, { region, endpoint })
  if (proof === null)
    throw refusal(name, [
      'an API destination proves itself by one of apiKey, basic, bearer and oauth, and by nothing else',
      'Let auth have exactly one of these: it can neither sign nor present a certificate.',
    ])
  return recipeOf({ source: name, orgId: org.orgId, suffix: subscription.name, endpoint, proof })
}

function proofOf(
  auth: Proofs,
  { region, endpoint }: { readonly region: string | undefined; readonly endpoint: string },
): RecipeProof | null {
  const { apiKey, basic, bearer, oauth, hmac, firehoseKey, clientCertificates } = auth
  const others = [hmac, firehoseKey, clientCertificates]
  const able = [apiKey, basic, bearer, oauth].filter((one) => one !== undefined)
  const [reference] = able[0]?.secrets ?? []
  if (able.length !== 1 || reference === undefined || others.some((one) => one !== undefined))
    return null
  const secret = placeOf(reference, region)
  if (apiKey !== undefined) return { kind: 'apiKey', header: apiKey.header, secret }
  if (oauth !== undefined) {
    const { href } = new URL(oauth.tokenPath, endpoint)
    return { kind: 'oauth', clientId: oauth.clientId, endpoint: href, secret }
  }
  return basic === undefined
    ? { kind: 'bearer', secret }
    : { kind: 'basic', user: basic.user, secret }
}

/** CloudFormation reads secrets of its own region. */
function placeOf(reference: SecretReference, stack: string | undefined): RecipeSecret {
  if (!('awsSecret' in reference)) return { kind: 'parameter' }
  const { id, key = null, region = stack } = secretOf(reference)
  return region === stack ? { kind: 'secretsManager', id, key } : { kind: 'parameter' }
}

function refusal(source: string, [reason, remedy]: readonly [string, string]): InletError {
  return new InletError('INL_GEN_SUBSCRIPTION', { source, reason, remedy })
}

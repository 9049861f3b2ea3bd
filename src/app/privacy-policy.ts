/**
 * The privacy policy of a configuration, with its keys read.
 *
 * Guarantee: a key that cannot be read, or is too short to be one, is told of and never replaced by
 * none: a lake must not come to hold masks in one hour and pseudonyms in the next.
 */
import { InletError } from '../core/errors.ts'
import { PrivacyKey } from '../privacy/key.ts'
import { compilePolicy, type Policy } from '../privacy/policy.ts'
import type { Complaint, Path } from './config/problem.ts'
import type { Config } from './config/schema.ts'
import { placeOf, type SecretReference } from './config/secret-reference.ts'
import { readSecret, type SecretSource } from './secrets/read-secret.ts'

/** Shorter ones can be tried out, and with them every telephone number there is. */
const MIN_KEY_CHARACTERS = 32

export interface Privacy {
  readonly policy: Policy
  /** The one in use first; none without a key. */
  readonly keys: readonly PrivacyKey[]
}

export interface ReadPrivacy {
  /** Null where there are complaints. */
  readonly privacy: Privacy | null
  readonly complaints: readonly Complaint[]
}

export async function readPrivacy(config: Config, from: SecretSource): Promise<ReadPrivacy> {
  const { key, previous, country = null, rules } = config.privacy
  const complaints: Complaint[] = []
  const read = async (reference: SecretReference, path: Path): Promise<PrivacyKey[]> => {
    const found = await readSecret(reference, from)
    if (found.ok && found.value.length >= MIN_KEY_CHARACTERS) return [new PrivacyKey(found.value)]
    complaints.push({ path, ...(found.ok ? tooShort(reference) : found) })
    return []
  }
  const current = key === undefined ? [] : await read(key, ['privacy', 'key'])
  const keys = [...current]
  for (const [index, reference] of previous.entries())
    keys.push(...(await read(reference, ['privacy', 'previous', index])))
  if (complaints.length > 0) return { privacy: null, complaints }
  const policy = compilePolicy({ rules, key: current[0] ?? null, country })
  return { privacy: { policy, keys }, complaints }
}

/** Rejects with INL_PRV_KEY. */
export async function requirePrivacy(config: Config, from: SecretSource): Promise<Privacy> {
  const { privacy, complaints } = await readPrivacy(config, from)
  if (privacy !== null) return privacy
  const reason = complaints.map(({ what }) => what).join('; ')
  throw new InletError('INL_PRV_KEY', { reason })
}

function tooShort(reference: SecretReference): Omit<Complaint, 'path'> {
  return {
    what: `${placeOf(reference)} is shorter than ${MIN_KEY_CHARACTERS} characters`,
    remedy: 'Make one with `openssl rand -hex 32`.',
  }
}

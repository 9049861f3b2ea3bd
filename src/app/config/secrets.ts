/**
 * The secrets that a configuration refers to, read once: for commands that check them or send with
 * them. What a gateway judges proofs by is kept up to date; see ../secrets/live-store.ts.
 */
import { readSecret, type SecretSource } from '../secrets/read-secret.ts'
import type { Complaint, Path } from './problem.ts'
import { type SecretProof, secretProofs } from './proofs.ts'
import type { Config } from './schema.ts'
import type { SecretReference } from './secret-reference.ts'

/** By the proofs that a source asks for. */
export type SourceSecrets = Readonly<Partial<Record<SecretProof, readonly string[]>>>

/** The secrets of each source by its name, and what is missing. */
export interface ReadSecrets {
  readonly secrets: ReadonlyMap<string, SourceSecrets>
  readonly complaints: readonly Complaint[]
}

export async function readSecrets(config: Config, from: SecretSource): Promise<ReadSecrets> {
  const secrets = new Map<string, SourceSecrets>()
  const complaints: Complaint[] = []
  const readAll = async (references: readonly SecretReference[], path: Path) => {
    const values: string[] = []
    for (const [index, reference] of references.entries()) {
      const found = await readSecret(reference, from)
      if (found.ok) values.push(found.value)
      else complaints.push({ path: [...path, index], what: found.what, remedy: found.remedy })
    }
    return values
  }
  const { auth: asked } = config.ops
  if (asked !== undefined) {
    const [proof, { secrets: references }] =
      'bearer' in asked ? (['bearer', asked.bearer] as const) : (['basic', asked.basic] as const)
    await readAll(references, ['ops', 'auth', proof, 'secrets'])
  }
  for (const [index, { name, auth }] of config.sources.entries()) {
    if (auth === 'none') continue
    const path = ['sources', index, 'auth']
    const own: Partial<Record<SecretProof, readonly string[]>> = {}
    for (const proof of secretProofs) {
      const asked = auth[proof]
      if (asked) own[proof] = await readAll(asked.secrets, [...path, proof, 'secrets'])
    }
    secrets.set(name, own)
  }
  return { secrets, complaints }
}

/** What cannot be read of the clients by which Genesys Cloud is asked. */
export async function clientComplaints(config: Config, from: SecretSource): Promise<Complaint[]> {
  const complaints: Complaint[] = []
  for (const [index, org] of config.orgs.entries()) {
    for (const part of ['clientId', 'clientSecret'] as const) {
      const reference = org[part]
      const found = reference === undefined ? null : await readSecret(reference, from)
      if (found === null || found.ok) continue
      complaints.push({ path: ['orgs', index, part], what: found.what, remedy: found.remedy })
    }
  }
  return complaints
}

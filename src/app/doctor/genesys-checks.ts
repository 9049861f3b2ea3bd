/** Genesys Cloud as the clients of `orgs` see it: the token, whose it is, and what it may do. */
import { errorText, InletError } from '../../core/errors.ts'
import { organisationOf, probePermissions } from '../../genesys/access.ts'
import type { GenesysClient } from '../../genesys/client.ts'
import type { Config } from '../config/schema.ts'
import { openGenesysClients } from '../genesys-access.ts'
import type { Machine } from '../machine.ts'
import type { SecretSource } from '../secrets/read-secret.ts'
import { type Finding, ok, warn } from './finding.ts'

/** Of a command that somebody waits for. */
const patience = { timeoutMs: 10_000, tries: 2 }

/** What is wrong is told with its remedy, which the error knows. */
export async function checkGenesys(
  machine: Machine & { readonly secretSource: SecretSource },
  config: Config,
): Promise<Finding[]> {
  const deps = { ...machine, observer: () => undefined }
  const clients = openGenesysClients(deps, config, { user: 'command', patience })
  const findings: Finding[] = []
  for (const { name, orgId, host } of config.orgs) {
    const client = clients.get(name)
    if (client === undefined || host === undefined) continue
    findings.push(...(await checkOrg(client, { name, orgId, host, now: machine.clock.now() })))
  }
  return findings
}

interface Org {
  readonly name: string
  readonly orgId: string
  readonly host: string
  readonly now: number
}

async function checkOrg(client: GenesysClient, org: Org): Promise<Finding[]> {
  const name = `Genesys ${org.name}`
  try {
    const found = await organisationOf(client)
    if (found !== null && found.toLowerCase() !== org.orgId.toLowerCase())
      throw new InletError('INL_GEN_ORG', { org: org.name, found, expected: org.orgId })
    const probes = await probePermissions(client, org.now)
    const missing = probes.flatMap(({ what, failure }) =>
      failure === null ? [] : [warn(name, `may not ${what}: ${lackOf(failure)}`, remedy)],
    )
    const can = probes.length - missing.length
    return [ok(name, `${org.host} gives a token, with ${can} of ${probes.length} uses`), ...missing]
  } catch (error) {
    return [{ name, level: 'fail', detail: errorText(error), remedy: null }]
  }
}

const remedy =
  'Where it is wanted, give the OAuth client a role that has it (Admin, Integrations, OAuth, Roles).'

function lackOf(failure: InletError): string {
  return `it lacks ${failure.details['permissions']}`
}

/** Which organisations are reconciled, and as whose events their records come in. */
import { hasClient, readsRecords } from '../config/reconcile.ts'
import type { Config } from '../config/schema.ts'

export interface ReconciledOrg {
  readonly name: string
  readonly orgId: string
  /** The source that its records count as: its rules for `accept` hold for them. */
  readonly source: string
}

/** Those that have a client and a source that reads records of Analytics. */
export function reconciledOrgs({ orgs, sources }: Pick<Config, 'orgs' | 'sources'>) {
  return orgs.filter(hasClient).flatMap(({ name, orgId }): ReconciledOrg[] => {
    const source = sources.find((one) => one.org === name && readsRecords(one))
    return source === undefined ? [] : [{ name, orgId, source: source.name }]
  })
}

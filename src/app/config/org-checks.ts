/** What must hold of an organisation that Inlet asks Genesys Cloud about. */
import { hostMeant, isDomain, isKnownHost, isLoopbackHost } from '../../genesys/hosts.ts'
import type { Complaint } from './problem.ts'
import { hasClient, readsRecords } from './reconcile.ts'
import type { Sections } from './sections.ts'

/** What is sent to a host is an OAuth secret: one that nobody knows must be meant. */
export function unknownHost({ orgs }: Sections): Complaint[] {
  return orgs.flatMap((org, index) => {
    if (org === null || org.host === undefined) return []
    const { host, allowCustomHost } = org
    const isMeant = allowCustomHost && isDomain(host)
    if (isKnownHost(host) || isLoopbackHost(host) || isMeant) return []
    const meant = hostMeant(host)
    const custom = 'Correct it, or add `allowCustomHost: true` for a region that is not known here.'
    const bare = 'Write the domain alone, such as `host: mypurecloud.de`.'
    const remedy = meant === null ? (isDomain(host) ? custom : bare) : `Write \`host: ${meant}\`.`
    const what = `"${host}" is not the domain of a region that is known`
    return [{ path: ['orgs', index, 'host'], what, remedy }]
  })
}

/** Where, who and the secret are of use only together. */
export function halfClient({ orgs }: Sections): Complaint[] {
  const parts = ['host', 'clientId', 'clientSecret'] as const
  return orgs.flatMap((org, index) => {
    if (org === null) return []
    const missing = parts.filter((part) => org[part] === undefined)
    if (missing.length === 0 || missing.length === parts.length) return []
    const what = `has no ${missing.join(' and no ')}, without which Genesys Cloud cannot be asked`
    const remedy = `Add ${missing.join(' and ')}, or leave all of ${parts.join(', ')} out.`
    return [{ path: ['orgs', index], what, remedy }]
  })
}

/** Whoever asks for reconciliation has somebody to ask, and somewhere to put it. */
export function nobodyToReconcile({ reconcile, orgs, sources }: Sections): Complaint[] {
  if (reconcile === null || orgs.includes(null) || sources.includes(null)) return []
  const isOne = orgs.some(
    (org) =>
      org !== null &&
      hasClient(org) &&
      sources.some((source) => source?.org === org.name && readsRecords(source)),
  )
  if (isOne) return []
  const what = 'has no organisation to ask'
  const remedy =
    'Give one of orgs host, clientId and clientSecret, and a source with that `org` which reads conversation-detail.'
  return [{ path: ['reconcile'], what, remedy }]
}

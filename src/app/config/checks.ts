/** What the parts of a configuration must be to each other. Each check is pure; all of them run. */
import { formatDuration, formatSize } from '../../core/units.ts'
import { defaultLimits } from '../../ingress/options.ts'
import { smallestJournal } from '../../journal/segment/group-size.ts'
import { channelChecks } from './channel-checks.ts'
import { contractOf, contractText } from './contracts.ts'
import { bucketKeys, bucketsApart, foldersApart } from './lake-checks.ts'
import { isLoopback } from './listen.ts'
import { clientTrust, plainHttp, proxyHeader } from './listen-checks.ts'
import { halfClient, nobodyToReconcile, unknownHost } from './org-checks.ts'
import type { Complaint } from './problem.ts'
import { proofHeaders, secretProofs } from './proofs.ts'
import type { Sections } from './sections.ts'
import { bodyLimitOf, type Source } from './sources.ts'

const MIB = 2 ** 20

export function crossChecks(sections: Sections): Complaint[] {
  return checks.flatMap((check) => check(sections))
}

const checks: readonly ((sections: Sections) => Complaint[])[] = [
  ({ orgs }) => repeated(orgs, { list: 'orgs', key: 'name' }),
  ({ sources }) => repeated(sources, { list: 'sources', key: 'name' }),
  ({ sources }) => repeated(sources, { list: 'sources', key: 'path' }),
  ({ sinks }) => repeated(sinks, { list: 'sinks', key: 'name' }),
  sinkInPlain,
  healthPathTaken,
  tokenPathTaken,
  unknownOrgs,
  unknownHost,
  halfClient,
  nobodyToReconcile,
  channelChecks,
  plainHttp,
  clientTrust,
  proxyHeader,
  proofs,
  headerTwice,
  genericHalf,
  signedTooLarge,
  groupTaken,
  groupAcrossOrgs,
  overloadLost,
  windowTooShort,
  retentionTooShort,
  journalRoom,
  foldersApart,
  bucketsApart,
  bucketKeys,
  opsOnLoopback,
  burstAlone,
  hashWithoutKey,
]

function hashWithoutKey({ privacy }: Sections): Complaint[] {
  if (privacy === null || privacy.key !== undefined) return []
  return privacy.rules.flatMap(({ action }, index) => {
    if (action !== 'hash') return []
    const path = ['privacy', 'rules', index, 'action']
    const remedy = 'Add `privacy.key`, such as { env: INLET_PRIVACY_KEY }, or write mask.'
    return [{ path, what: 'asks for pseudonyms, which need a key', remedy }]
  })
}

/** One complaint for each entry whose value an entry before it has. */
function repeated<Key extends string>(
  entries: readonly (Readonly<Record<Key, string>> | null)[],
  { list, key }: { list: string; key: Key },
): Complaint[] {
  return entries.flatMap((entry, index) => {
    const first = entries.findIndex((other) => entry !== null && other?.[key] === entry[key])
    if (entry === null || first === index) return []
    const what = `"${entry[key]}" is the ${key} of ${list}[${first}] too`
    return [{ path: [list, index, key], what, remedy: `Give each a ${key} of its own.` }]
  })
}

/** Rows are personal data, and what signs them is a secret. */
function sinkInPlain({ sinks }: Sections): Complaint[] {
  return sinks.flatMap((sink, index) => {
    if (sink?.kind !== 'https') return []
    const { protocol, hostname } = new URL(sink.url)
    if (protocol === 'https:' || isLoopback(hostname.replace(/^\[|\]$/g, ''))) return []
    const what = 'would send rows over plain HTTP'
    return [{ path: ['sinks', index, 'url'], what, remedy: 'Write an https URL.' }]
  })
}

function healthPathTaken({ listen, sources }: Sections): Complaint[] {
  return eachSource(sources, (source, index) => {
    if (source.path !== listen?.healthPath) return []
    const what = `"${source.path}" answers health checks (listen.healthPath)`
    return [{ path: ['sources', index, 'path'], what, remedy: 'Move one of the two.' }]
  })
}

function tokenPathTaken({ listen, sources }: Sections): Complaint[] {
  const taken = new Map(sources.map((source) => [source?.path, `the path of ${source?.name}`]))
  taken.set(listen?.healthPath, 'that of health checks (listen.healthPath)')
  return eachSource(sources, ({ name, auth }, index) => {
    if (auth === 'none' || auth.oauth === undefined) return []
    const { tokenPath } = auth.oauth
    const by = taken.get(tokenPath)
    taken.set(tokenPath, `where ${name} gives tokens`)
    if (by === undefined) return []
    const path = ['sources', index, 'auth', 'oauth', 'tokenPath']
    return [{ path, what: `"${tokenPath}" is ${by}`, remedy: 'Move one of the two.' }]
  })
}

function unknownOrgs({ orgs, sources }: Sections): Complaint[] {
  const names = orgs.map((org) => org?.name)
  // The name may be that of an organisation which is itself wrong.
  if (names.includes(undefined)) return []
  return eachSource(sources, ({ org }, index) => {
    if (org === undefined || names.includes(org)) return []
    const remedy =
      names.length === 0
        ? `Add it: \`orgs: [{ name: ${org}, orgId: ... }]\`.`
        : `The names there are ${[...new Set(names)].join(', ')}.`
    return [{ path: ['sources', index, 'org'], what: `"${org}" is none of orgs`, remedy }]
  })
}

function proofs({ listen, sources }: Sections): Complaint[] {
  return eachSource(sources, ({ auth }, index) => {
    const path = ['sources', index, 'auth']
    if (auth !== 'none') {
      if (Object.keys(auth).length > 0) return []
      const remedy = `Add one of ${[...secretProofs, 'clientCertificates'].join(', ')} below it.`
      return [{ path, what: 'names no proof', remedy }]
    }
    if (listen === null || isLoopback(listen.host)) return []
    const what = `"none" takes events from anybody who reaches ${listen.host}`
    const remedy = 'Ask for a proof (hmac, apiKey), or set listen.host to 127.0.0.1.'
    return [{ path, what, remedy }]
  })
}

/** Two proofs that are read from one header could never both hold. */
function headerTwice({ sources }: Sections): Complaint[] {
  return eachSource(sources, ({ auth }, index) => {
    if (auth === 'none') return []
    const inUse = new Map<string, string>()
    const timestamp = auth.hmac?.timestamp
    const headers = [
      ...proofHeaders(auth),
      ...(timestamp ? [{ proof: 'hmac', header: timestamp.header }] : []),
    ]
    return headers.flatMap(({ proof, header }) => {
      const name = header.toLowerCase()
      const other = inUse.get(name)
      inUse.set(name, proof)
      if (other === undefined) return []
      const what = `is read from ${header}, as ${other} is`
      return [{ path: ['sources', index, 'auth', proof], what, remedy: 'Leave one of them out.' }]
    })
  })
}

/** Places without the dialect would not be looked at, and the dialect knows no place by itself. */
function genericHalf({ sources }: Sections): Complaint[] {
  return eachSource(sources, ({ dialects, generic }, index) => {
    const isNamed = dialects.includes('generic')
    if (isNamed === (generic !== undefined)) return []
    const path = ['sources', index]
    const named = 'names the dialect generic, but not where its bodies say what'
    const placed = 'says where bodies say what, but dialects does not name generic'
    return isNamed
      ? [{ path: [...path, 'dialects'], what: named, remedy: 'Add `generic: { id: /id }`.' }]
      : [{ path: [...path, 'generic'], what: placed, remedy: 'Write `dialects: [auto, generic]`.' }]
  })
}

/** What is larger could never be held long enough to be proven: it would be deferred for ever. */
function signedTooLarge({ sources }: Sections): Complaint[] {
  return eachSource(sources, (source, index) => {
    const { unprovenBytes } = defaultLimits
    const isSigned = source.auth !== 'none' && source.auth.hmac !== undefined
    if (!isSigned || bodyLimitOf(source) <= unprovenBytes) return []
    const most = formatSize(unprovenBytes)
    const room = `the ${most} in which signed bodies wait for their proof`
    const what = `${formatSize(bodyLimitOf(source))} is more than ${room}`
    const remedy = `Write \`body: ${most}\` or less, or ask for a proof that is in a header.`
    return [{ path: ['sources', index, 'limits', 'body'], what, remedy }]
  })
}

/** Ids are compared within a group, or within a source: the two must not share a name. */
function groupTaken({ sources }: Sections): Complaint[] {
  const alone = sources.flatMap((source) => (source?.dedup.group === undefined ? source?.name : []))
  return eachSource(sources, ({ dedup }, index) => {
    if (dedup.group === undefined || !alone.includes(dedup.group)) return []
    const what = `"${dedup.group}" is the name of a source that is not in the group`
    const remedy = 'Put that source into the group too, or name the group otherwise.'
    return [{ path: ['sources', index, 'dedup', 'group'], what, remedy }]
  })
}

/** A duplicate answer would tell senders of one organisation about the events of another. */
function groupAcrossOrgs({ sources }: Sections): Complaint[] {
  return eachSource(sources, ({ dedup, org }, index) => {
    const { group } = dedup
    const other = sources.find((one) => group !== undefined && one?.dedup.group === group)
    if (!other || other.org === org) return []
    const what = `"${group}" is the group of ${other.name} too, which is of another organisation`
    const remedy = 'Give sources of one group the same org, or another group to each organisation.'
    return [{ path: ['sources', index, 'dedup', 'group'], what, remedy }]
  })
}

/** Overload and a full disk are answered 503: for a sender that then gives up, that is a loss. */
function overloadLost({ sources }: Sections): Complaint[] {
  return eachSource(sources, ({ contract }, index) => {
    const { retriedStatuses } = contractOf(contract)
    if (retriedStatuses.some((status) => status === 503 || status === '5xx')) return []
    const path = ['sources', index, 'contract', 'retriedStatuses']
    const what = 'lacks 503, which is how events are deferred when a disk is full'
    const remedy =
      'Add 5xx if the sender tries them again; else put a queue before Inlet that does.'
    return [{ path, what, remedy }]
  })
}

function windowTooShort({ dedup, sources }: Sections): Complaint[] {
  if (dedup === null) return []
  return eachSource(sources, ({ name, contract }) => {
    const { retryWindow } = contractOf(contract)
    if (dedup.window >= retryWindow) return []
    const [window, needed] = [formatDuration(dedup.window), formatDuration(retryWindow)]
    const repeats = `in which source ${name} may repeat an event (${contractText(contract)})`
    const what = `${window} is shorter than the ${needed} ${repeats}`
    const remedy = `Write \`window: ${needed}\` or more.`
    return [{ path: ['dedup', 'window'], what, remedy }]
  })
}

/** What has gone is not known again: it would land a second time. */
function retentionTooShort({ dedup, lake }: Sections): Complaint[] {
  if (dedup === null || lake === null || lake.retention.bronze >= dedup.window) return []
  const [kept, window] = [lake.retention.bronze, dedup.window].map(formatDuration)
  const known = `the ${window} in which repeated events are known (dedup.window)`
  const what = `${kept} is shorter than ${known}`
  const remedy = `Write \`bronze: ${window}\` or more.`
  return [{ path: ['lake', 'retention', 'bronze'], what, remedy }]
}

/** What has landed is let go of by whole files: a journal must take any request beside the rest. */
function journalRoom({ listen, journal, sources }: Sections): Complaint[] {
  if (journal === null || listen === null) return []
  const { maxBytes, segmentBytes } = journal
  const body = Math.max(0, ...sources.map((source) => (source === null ? 0 : bodyLimitOf(source))))
  // The smallest events are an empty object and what parts it from the next one.
  const entries = Math.min(defaultLimits.batchEvents, Math.ceil(body / 3))
  const partitions = listen.workers
  const least = smallestJournal({ bytes: body, entries }, { partitions, segmentBytes })
  if (maxBytes >= least) return []
  const needed = formatSize(Math.ceil(least / MIB) * MIB)
  const files = `files of journal.segmentBytes ${formatSize(segmentBytes)}`
  const request = `a request of ${formatSize(body)}`
  const what = `${formatSize(maxBytes)} has no room for ${files} and ${request}`
  const remedy = `Write \`maxBytes: ${needed}\` or more, or make files or limits.body smaller.`
  return [{ path: ['journal', 'maxBytes'], what, remedy }]
}

/** What it serves asks for no proof. */
function opsOnLoopback({ ops }: Sections): Complaint[] {
  if (ops === null || isLoopback(ops.host)) return []
  const remedies = [
    ...(ops.tls ? [] : ['`tls: { certFile: ops.pem, keyFile: ops.key }`']),
    ...(ops.auth ? [] : ['`auth: { bearer: { secrets: [{ env: INLET_OPS_TOKEN }] } }`']),
  ]
  if (remedies.length === 0) return []
  const lacking = [...(ops.tls ? [] : ['tls']), ...(ops.auth ? [] : ['auth'])].join(' and ')
  const what = `"${ops.host}" can be reached by other machines, and ${lacking} would be missing`
  const remedy = `Add ${remedies.join(' and ')} below ops, or write 127.0.0.1.`
  return [{ path: ['ops', 'host'], what, remedy }]
}

function burstAlone({ sources }: Sections): Complaint[] {
  return eachSource(sources, ({ limits }, index) => {
    if (limits.burst === undefined || limits.eventsPerSecond !== undefined) return []
    const path = ['sources', index, 'limits', 'burst']
    const remedy = 'Add `eventsPerSecond` beside it, or leave it out.'
    return [{ path, what: 'says nothing without eventsPerSecond', remedy }]
  })
}

function eachSource(
  sources: Sections['sources'],
  check: (source: Source, index: number) => Complaint[],
): Complaint[] {
  return sources.flatMap((source, index) => (source === null ? [] : check(source, index)))
}

/**
 * What a configuration comes to, for people and programs. Holds no secret, only what kind there is.
 */
import { formatDuration, formatSize } from '../../core/units.ts'
import { MOST_CHANNELS, planChannels, topicsOf } from '../../genesys/channels/plan.ts'
import { certificateMatcher } from '../../ingress/clients/certificate-pattern.ts'
import { type ChannelsConfig, listedKinds, sourceOfChannels, wantedOf } from './channels.ts'
import { contractOf } from './contracts.ts'
import { type PrivacySummary, privacyLines, summarisePrivacy } from './privacy-summary.ts'
import { type Proofs, proofHeaders, type SecretProof } from './proofs.ts'
import type { Config } from './schema.ts'
import { bodyLimitOf, type Source } from './sources.ts'
import { isBucket } from './storage.ts'

/** Bytes and milliseconds. */
export interface ConfigSummary {
  readonly address: string
  readonly healthPath: string
  readonly workers: number
  readonly tls: string | null
  /** Where each is asked, by name; null for one that is not. */
  readonly orgs: Readonly<Record<string, string | null>>
  /** Such as `nginx at 10.0.0.0/16`. */
  readonly trustedProxy: string | null
  readonly sources: readonly SourceSummary[]
  /** What is listened to, by organisation, such as `120 topics in 1 channel, as genesys-prod`. */
  readonly channels: Readonly<Record<string, string>>
  readonly journal: Config['journal']
  readonly dedup: Config['dedup']
  readonly lake: Config['lake']
  readonly gold: Config['gold']
  readonly schemas: Config['schemas']
  readonly privacy: PrivacySummary
  readonly audit: Config['audit']
  readonly names: Config['names']
  readonly reconcile: Config['reconcile'] | null
  /** Null where no source has a subscription. */
  readonly provision: Config['provision'] | null
  /** Such as `all of silver to postgres, schema inlet, every 10s`, by name. */
  readonly sinks: Readonly<Record<string, string>>
  readonly alerts: Config['alerts']
  readonly ops: Config['ops']
}

type Tls = NonNullable<Config['listen']['tls']>

export interface SourceSummary {
  readonly name: string
  readonly path: string
  readonly orgId: string | null
  /** Such as `hmac in X-Signature, 2 secrets`; empty for none. */
  readonly proofs: readonly string[]
  readonly dialects: Source['dialects']
  /** Where the dialect `generic` looks, by what it looks for. */
  readonly generic: NonNullable<Source['generic']> | null
  /** Such as `eventbridge lake`; null for none. */
  readonly subscription: string | null
  readonly contract: string
  /** Statuses after which a delivery comes again. */
  readonly retriedStatuses: readonly (number | string)[]
  readonly retryWindow: number
  readonly answerWithin: number
  readonly bodyLimit: number
  /** Null for as many as come. */
  readonly eventsPerSecond: number | null
  readonly burst: number | null
  readonly overload: Source['limits']['overload']
  readonly accept: Source['accept']
  readonly priorities: Source['priorities']
  /** Sources of one scope carry one stream. */
  readonly dedupScope: string
  readonly identity: Source['dedup']['identity']
}

export function summarise(config: Config): ConfigSummary {
  const { listen, journal, dedup, lake, audit, alerts, ops, gold, schemas, names } = config
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host
  return {
    address: `${listen.tls ? 'https' : 'http'}://${host}:${listen.port}`,
    healthPath: listen.healthPath,
    workers: listen.workers,
    tls: listen.tls ? tlsText(listen.tls) : null,
    trustedProxy: proxyText(listen.trustedProxy),
    orgs: Object.fromEntries(config.orgs.map(({ name, host }) => [name, host ?? null])),
    sources: config.sources.map((source) => summariseSource(source, config)),
    channels: Object.fromEntries(
      config.channels.map((one) => [one.org, channelsText(one, config)]),
    ),
    journal,
    dedup,
    lake,
    gold,
    schemas,
    privacy: summarisePrivacy(config.privacy),
    audit,
    names,
    reconcile: config.reconcile ?? null,
    provision: config.sources.some(({ subscription }) => subscription) ? config.provision : null,
    sinks: Object.fromEntries(config.sinks.map((sink) => [sink.name, sinkText(sink)])),
    alerts,
    ops,
  }
}

function tlsText({ minVersion, certFile, keyFile, clientCaFile, clientCrlFile }: Tls): string {
  const parts = [`${minVersion} or later`, certFile, `key ${keyFile}`]
  if (clientCaFile !== undefined) parts.push(`clients of ${clientCaFile}`)
  if (typeof clientCrlFile === 'string') parts.push(`revoked in ${clientCrlFile}`)
  return parts.join(', ')
}

function proxyText(proxy: Config['listen']['trustedProxy']): string | null {
  if (proxy === 'none') return null
  const mode = proxy.kind === 'alb' ? ` (${proxy.mode})` : ''
  return `${proxy.kind}${mode} at ${proxy.addresses.join(', ')}`
}

function summariseSource(source: Source, { orgs }: Config): SourceSummary {
  const { name, path, org, auth, contract, dedup, dialects, generic, subscription } = source
  const { retriedStatuses, retryWindow, answerWithin } = contractOf(contract)
  return {
    name,
    path,
    orgId: orgs.find((one) => one.name === org)?.orgId ?? null,
    proofs: auth === 'none' ? [] : proofsOf(auth),
    dialects,
    generic: generic ?? null,
    subscription: subscription ? `${subscription.kind} ${subscription.name}` : null,
    contract: typeof contract === 'string' ? contract : 'own',
    retriedStatuses,
    retryWindow,
    answerWithin,
    bodyLimit: bodyLimitOf(source),
    eventsPerSecond: source.limits.eventsPerSecond ?? null,
    burst: source.limits.burst ?? null,
    overload: source.limits.overload,
    accept: source.accept,
    priorities: source.priorities,
    dedupScope: dedup.group ?? name,
    identity: dedup.identity,
  }
}

const proofNames: Readonly<Record<SecretProof, string>> = {
  hmac: 'hmac',
  apiKey: 'api key',
  basic: 'user and password',
  bearer: 'bearer token',
  firehoseKey: 'access key',
  oauth: 'OAuth token',
}

function proofsOf(auth: Proofs): string[] {
  const { clientCertificates, allow } = auth
  const secret = proofHeaders(auth).map(({ proof, header }) => {
    const count = auth[proof]?.secrets.length ?? 0
    const secrets = count === 1 ? '1 secret' : `${count} secrets`
    return `${proofNames[proof]} in ${header}${detailOf(auth, proof)}, ${secrets}`
  })
  const names = clientCertificates?.map((pattern) => certificateMatcher(pattern).text)
  return [
    ...(names === undefined ? [] : [`client certificate ${names.join(' or ')}`]),
    ...secret,
    ...(allow === undefined ? [] : [`address in ${allow.join(', ')}`]),
  ]
}

function detailOf({ hmac, basic, oauth }: Proofs, proof: SecretProof): string {
  if (proof === 'basic') return ` of ${basic?.user}`
  if (proof === 'oauth' && oauth !== undefined) {
    const { clientId, tokenPath, lifetime } = oauth
    return ` of ${clientId}, given at ${tokenPath} for ${formatDuration(lifetime)}`
  }
  if (proof !== 'hmac' || hmac === undefined) return ''
  const { encoding, timestamp } = hmac
  const form = encoding === 'hex' ? '' : ` as ${encoding}`
  if (timestamp === undefined) return form
  return `${form} over ${timestamp.header} within ${formatDuration(timestamp.tolerance)}`
}

/** Lines of `label: what it comes to`. */
export function summaryLines(summary: ConfigSummary): (readonly [string, string])[] {
  const { journal, dedup, lake, gold, alerts, ops } = summary
  const gateways = summary.workers === 1 ? '' : ` by ${summary.workers} gateways`
  const free = `${formatSize(journal.minFree)} of the disk stays free`
  const segments = `segments of ${formatSize(journal.segmentBytes)}`
  const lost = journal.ephemeral ? ', may be lost with its file system' : ''
  const room = `${formatSize(journal.maxBytes)} at most, ${segments}, ${free}${lost}`
  return [
    ['listens on', `${summary.address}${gateways}, health at ${summary.healthPath}`],
    ['TLS', summary.tls ?? 'none: plain HTTP'],
    ...(summary.trustedProxy === null ? [] : [['proxy', summary.trustedProxy] as const]),
    ...Object.entries(summary.orgs).map(
      ([name, host]) => [`organisation ${name}`, host ?? 'is not asked'] as const,
    ),
    ...summary.sources.map((source) => [`source ${source.name}`, sourceText(source)] as const),
    ...Object.entries(summary.channels).map(([org, text]) => [`channels of ${org}`, text] as const),
    ['journal', `${journal.dir}, ${room}`],
    [
      'dedup',
      `${formatDuration(dedup.window)} remembered in ${formatSize(dedup.maxBytes)} at most; seen-cache: ${dedup.cache}`,
    ],
    ...lakeLines(lake),
    ['gold', `every ${formatDuration(lake.goldEvery)}, ${goldText(gold)}`],
    ['schemas', `those of ${summary.schemas.dir} beside Inlet's own and those approved`],
    ...privacyLines(summary.privacy),
    ['kept', keptText(summary.lake.retention)],
    ['names', `of organisations with a client, every ${formatDuration(summary.names.every)}`],
    ['audit', `every ${formatDuration(summary.audit.every)}`],
    ...(summary.reconcile ? [['reconcile', reconcileText(summary.reconcile)] as const] : []),
    ...(summary.provision ? [['subscriptions', watchText(summary.provision)] as const] : []),
    ...Object.entries(summary.sinks).map(([name, text]) => [`sink ${name}`, text] as const),
    ['alerts', alertsText(alerts)],
    ['metrics', opsText(ops)],
  ]
}

function alertsText(alerts: Config['alerts']): string {
  const { redeliveryRate, violationRate, nullRate, deadLetters, channelGapAge } = alerts
  const silent = formatDuration(alerts.silentAfter)
  const again = formatDuration(alerts.redeliveryWindow)
  const drift = formatDuration(alerts.driftWindow)
  return [
    `a source silent for ${silent}, or with more than ${redeliveryRate} of its events again within ${again}`,
    `more than ${deadLetters} dead letters, or one for ${formatDuration(alerts.deadLetterAge)}`,
    `a gap of a channel that is open for ${formatDuration(channelGapAge)}`,
    `a topic with more than ${violationRate} of its events against its schema, or a column null in more than ${nullRate} of its rows, within ${drift}`,
  ].join('; ')
}

function keptText({ bronze, silver }: Config['lake']['retention']): string {
  return `bronze for ${formatDuration(bronze)}, silver for ${formatDuration(silver)}`
}

function lakeLines(lake: Config['lake']): (readonly [string, string])[] {
  const { url, bronzeUrl, commitEvery, commitBytes, silverEvery } = lake
  const often = `every ${formatDuration(commitEvery)} or ${formatSize(commitBytes)}`
  const commits = `commits ${often}, silver every ${formatDuration(silverEvery)}`
  if (!isBucket(url) && bronzeUrl === undefined) return [['lake', `${url}, ${commits}`]]
  const { endpoint = 'Amazon S3, unless the environment says another', region, sse } = lake
  const key = typeof sse === 'object' ? `the key ${sse.kmsKeyId}` : sse
  const server = [
    endpoint,
    ...(region === undefined ? [] : [`region ${region}`]),
    key === undefined ? 'encrypted as the bucket says' : `encrypted by ${key}`,
  ]
  return [
    ['lake', `${url}, ${commits}`],
    ...(bronzeUrl === undefined ? [] : [['bronze', bronzeUrl] as const]),
    ['bucket', server.join(', ')],
    ['cache', `${lake.cacheDir}, ${formatSize(lake.cacheBytes)} at most`],
  ]
}

function goldText({ timeZone, serviceLevel, shortAbandon }: Config['gold']): string {
  const levels = serviceLevel.map(
    ({ mediaType, within }) => `${mediaType} in time within ${formatDuration(within)}`,
  )
  const short = `abandoned within ${formatDuration(shortAbandon)} is short`
  return [`half hours of ${timeZone}`, ...levels, short].join(', ')
}

function sourceText(source: SourceSummary): string {
  const { eventsPerSecond: rate, burst, overload, dialects, generic, subscription } = source
  const { path, proofs, bodyLimit, name, dedupScope, identity, orgId } = source
  return [
    `POST ${path}`,
    proofs.length === 0 ? 'no proof' : proofs.join(' and '),
    contractLine(source),
    `bodies up to ${formatSize(bodyLimit)}`,
    ...(rate === null ? [] : [`${rate} events/s at most`]),
    ...(burst === null ? [] : [`${burst} at once`]),
    ...(overload === 'shed' ? ['low priorities are shed under overload'] : []),
    ...(dialects.includes('auto') ? [] : [`reads ${dialects.join(' and ')}`]),
    ...(generic === null ? [] : [`generic by ${genericText(generic)}`]),
    ...acceptTexts(source.accept),
    ...listText('urgent: ', source.priorities.high),
    ...listText('may wait: ', source.priorities.low),
    ...(orgId === null ? [] : [`organisation ${orgId}`]),
    ...(dedupScope === name ? [] : [`one stream with ${dedupScope}`]),
    ...(identity === 'id' ? [] : [`known by ${identity}`]),
    ...(subscription === null ? [] : [`subscription ${subscription}`]),
  ].join(', ')
}

function contractLine({ contract, retriedStatuses, ...source }: SourceSummary): string {
  const repeats = `may repeat for ${formatDuration(source.retryWindow)}`
  if (contract !== 'own') return `${contract} (${repeats})`
  const within = `waits ${formatDuration(source.answerWithin)} for an answer`
  return `own contract (${repeats} after ${retriedStatuses.join(' or ')}, ${within})`
}

function genericText(generic: object): string {
  return Object.entries(generic)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
}

function acceptTexts({ exclude, ...lists }: Source['accept']): string[] {
  const named = Object.entries(lists).flatMap(([name, wanted]) => listText(`${name} `, wanted))
  const left = exclude.map(({ field, equals }) => `${field} = ${equals}`)
  const wanted = named.length === 0 ? [] : [`only ${named.join(' and ')}`]
  return [...wanted, ...listText('without ', left)]
}

function listText(before: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`${before}${names.join(' or ')}`]
}

function channelsText(channels: ChannelsConfig, { sources }: Config): string {
  const topics = topicsOf(wantedOf(channels))
  const count = planChannels(channels.org, topics).length
  const source = sourceOfChannels(channels, sources)?.name ?? ''
  const known = `${topics.length} topics in ${count} of ${MOST_CHANNELS}`
  const all = listedKinds(channels).map((kind) => `all ${kind}`)
  return [known, ...all, `as ${source}`].join(', ')
}

function sinkText(sink: Config['sinks'][number]): string {
  const tables = sink.tables?.join(', ') ?? 'all of silver'
  const often = `every ${formatDuration(sink.every)}, ${sink.rows} rows at most`
  if (sink.kind === 'postgres') return `${tables} to postgres, schema ${sink.schema}, ${often}`
  const { url, timeout, attempts, dir } = sink
  const patience = `an answer within ${formatDuration(timeout)}, refused ${attempts} times at most`
  return `${tables} to ${url}, ${often}, ${patience}, how far in ${dir}`
}

function watchText({ every, reactivate }: Config['provision']): string {
  const then = reactivate ? 'told of and made active again' : 'told of'
  return `looked at every ${formatDuration(every)}; what was deactivated is ${then}`
}

function reconcileText(reconcile: NonNullable<Config['reconcile']>): string {
  const [every, trailing] = [reconcile.every, reconcile.trailing].map(formatDuration)
  return `every ${every}, the last ${trailing}, ${reconcile.perSecond} records/s at most`
}

function opsText({ host, port, tls, auth }: Config['ops']): string {
  const name = host.includes(':') ? `[${host}]` : host
  const url = `${tls === undefined ? 'http' : 'https'}://${name}:${port}/metrics`
  const over = tls === undefined ? '' : `, ${tlsText(tls)}`
  if (auth === undefined) return `${url}${over}`
  const proof = 'bearer' in auth ? 'a bearer token' : `the user ${auth.basic.user}`
  return `${url}${over}, for ${proof}`
}

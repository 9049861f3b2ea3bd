/**
 * The process that senders reach: journal, seen-cache and listener, and nothing that reads a table,
 * so that it is up within a second and small.
 */
import type { Lifecycle } from '../core/lifecycle.ts'
import { createSeenCache, type SeenCache } from '../dedup/seen-cache.ts'
import { type Ingress, openIngress } from '../ingress/ingress.ts'
import {
  type AuthOptions,
  defaultLimits,
  type IngressOptions,
  type SourceOptions,
} from '../ingress/options.ts'
import { fixedSecrets } from '../ingress/proofs/live-secrets.ts'
import type { JournalWriter } from '../journal/journal.ts'
import { openSegmentWriter } from '../journal/segment/writer.ts'
import type { Observer } from '../observe/events.ts'
import type { Measured } from '../observe/metrics.ts'
import { contractOf, retriesTooMany } from './config/contracts.ts'
import type { Proofs, SecretProof } from './config/proofs.ts'
import type { Config } from './config/schema.ts'
import { bodyLimitOf, type Source } from './config/sources.ts'
import { checkJournalDisk } from './disk-check.ts'
import { gatewayPartition, segmentOptions } from './journal-access.ts'
import type { Machine } from './machine.ts'
import { openLiveStore, type SourceLiveSecrets } from './secrets/live-store.ts'
import type { SecretSource } from './secrets/read-secret.ts'
import { sourceRules } from './source-rules.ts'
import { expiryWatch } from './tls/expiry-watch.ts'
import { readTls } from './tls/files.ts'
import { requireServable } from './tls/judgement.ts'
import { tlsRenewal } from './tls/renewal.ts'
import { certificateReport } from './tls/report.ts'
import { seenFile } from './tls/seen-file.ts'

/** What a gateway may take to drain, and some more: it has the journal for so long. */
const ENDING_MS = 30_000
const seenCacheBytes = 32 * 2 ** 20

export interface GatewayDeps extends Machine {
  readonly observer: Observer
  readonly secretSource: SecretSource
}

export interface GatewayConfig {
  readonly config: Config
  readonly secrets: ReadonlyMap<string, SourceLiveSecrets>
}

export interface GatewayPlace {
  /** Which of several; each has a partition of the journal. */
  readonly worker: number
  /** The file descriptor of a socket that it shares with them. */
  readonly door?: number
  /** Ends the wait for a gateway before this one. */
  readonly stop: AbortSignal
}

export interface Gateway {
  /** In the direction events flow. */
  readonly components: readonly Lifecycle[]
  readonly ingress: Ingress
  readonly measured: readonly Measured[]
}

/** Takes the journal; rejects where another process has it, or where it lies on no real disk. */
export async function openGateway(
  deps: GatewayDeps,
  config: Config,
  { worker, door, stop }: GatewayPlace,
): Promise<Gateway> {
  await checkJournalDisk(config.journal)
  const tls = await readTls(deps.files, config.listen.tls)
  requireServable(tls, config.listen.tls)
  const partition = gatewayPartition(worker)
  const told = () => deps.observer('journal_awaited', { partition })
  const opened = await openSegmentWriter(deps, {
    ...segmentOptions(config, partition),
    patience: { forMs: ENDING_MS, told, signal: stop },
  })
  for (const report of opened.reports) deps.observer('journal_recovered', { report })
  const journal = opened.writer
  try {
    const seenCache = seenCacheOf(config)
    const store = openLiveStore({ ...deps, from: deps.secretSource }, config)
    const options = ingressOptions({ config, secrets: store.secrets }, tls)
    const served = { ...options, ...(door !== undefined && { door }) }
    const ingress = openIngress({ ...deps, journal, seenCache }, served)
    const renewal = tlsRenewal({ ...deps, ingress }, { config: config.listen.tls, served: tls })
    const seen = seenFile({ ...deps, ingress }, `${config.journal.dir}/${partition}`)
    const expiry = expiryWatch({ ...deps, report: () => certificateReport(deps, config) })
    // One of several workers tells for all.
    const watches = worker === 0 ? [expiry] : []
    const components = [ingress, renewal, ...watches, seen, journalLife(journal), store]
    return { components, ingress, measured: [ingress, renewal, ...watches, journal, store] }
  } catch (error) {
    await journal.close()
    throw error
  }
}

function seenCacheOf({ dedup }: Config): SeenCache {
  if (dedup.cache === 'memory') return createSeenCache({ maxBytes: seenCacheBytes })
  return { scope: () => ({ find: () => null, add: () => undefined }) }
}

export function ingressOptions(
  { config, secrets }: GatewayConfig,
  tls: IngressOptions['tls'],
): IngressOptions {
  const { host, port, healthPath, trustedProxy } = config.listen
  const slowest = config.sources.map(({ contract }) => contractOf(contract).answerWithin)
  return {
    host,
    port,
    healthPath,
    tls,
    ...(trustedProxy !== 'none' && { trustedProxy }),
    sources: config.sources.map((source) => sourceOptions(source, { config, secrets })),
    // A sender that waits longer than the usual limit may take as long to send.
    limits: {
      ...defaultLimits,
      // An ALB allows a head of this size, and puts certificates of 16 KiB into it.
      headerBytes: trustedProxy === 'none' ? defaultLimits.headerBytes : 64 * 1024,
      requestMs: Math.max(defaultLimits.requestMs, ...slowest),
    },
  }
}

function sourceOptions(source: Source, { config, secrets }: GatewayConfig): SourceOptions {
  const { name, path, auth, limits, priorities } = source
  return {
    ...sourceRules(source, config),
    path,
    auth: auth === 'none' ? 'none' : authOptions(auth, secrets.get(name) ?? {}),
    bodyLimit: bodyLimitOf(source),
    priorities,
    ...rateOf(limits, config.listen.workers),
    overload: limits.overload,
    deferStatus: retriesTooMany(contractOf(source.contract)) ? 429 : 503,
  }
}

/** Gateways share nothing: each has its part of what the source may deliver. */
function rateOf({ eventsPerSecond, burst }: Source['limits'], workers: number) {
  if (eventsPerSecond === undefined) return {}
  const whole = burst ?? 2 * eventsPerSecond
  return { rate: { eventsPerSecond: eventsPerSecond / workers, burst: whole / workers } }
}

function authOptions(auth: Proofs, own: SourceLiveSecrets): AuthOptions {
  const { clientCertificates, allow, hmac, apiKey, basic, bearer, firehoseKey, oauth } = auth
  const held = (proof: SecretProof) => ({ secrets: own[proof] ?? noSecrets })
  return {
    ...(clientCertificates && { clientCertificates }),
    ...(allow && { allow }),
    ...(hmac && { hmac: { ...hmac, ...held('hmac') } }),
    ...(apiKey && { apiKey: { ...apiKey, ...held('apiKey') } }),
    ...(basic && { basic: { ...basic, ...held('basic') } }),
    ...(bearer && { bearer: held('bearer') }),
    ...(firehoseKey && { firehoseKey: held('firehoseKey') }),
    ...(oauth && { oauth: { ...oauth, lifetimeMs: oauth.lifetime, ...held('oauth') } }),
  }
}

const noSecrets = fixedSecrets()

function journalLife(writer: JournalWriter): Lifecycle {
  let closing: Promise<void> | null = null
  return {
    name: 'journal',
    async start() {},
    async drain() {},
    stop() {
      closing ??= writer.close()
      return closing
    },
  }
}

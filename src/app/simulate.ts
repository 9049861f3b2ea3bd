/** Plays the contact centre of the simulator at a receiver, as one sender. */
import type { Clock } from '../core/clock.ts'
import type { Files } from '../core/files.ts'
import { fixedSecrets } from '../ingress/proofs/live-secrets.ts'
import { TokenIssuer } from '../ingress/proofs/oauth.ts'
import { openLedgerFile } from '../simulator/ledger/ledger-file.ts'
import {
  eventBridgeDestination,
  firehoseDestination,
  guideWebhook,
  type RetryContract,
} from '../simulator/sending/contract.ts'
import type { Route } from '../simulator/sending/route.ts'
import { send } from '../simulator/sending/sender.ts'
import type { SendReport } from '../simulator/sending/tally.ts'
import { contractOf } from './config/contracts.ts'
import type { Proofs, SecretProof } from './config/proofs.ts'
import type { Config } from './config/schema.ts'
import type { SourceSecrets } from './config/secrets.ts'
import type { Machine } from './machine.ts'
import { type CentreOptions, centreTraffic } from './simulated-centre.ts'

export const senderContracts: Readonly<Record<string, RetryContract>> = {
  'guide-webhook': guideWebhook,
  eventbridge: eventBridgeDestination,
  firehose: firehoseDestination,
}

export interface SimulateOptions extends CentreOptions {
  readonly route: Route
  /** Bodies a second; null for as fast as they are answered. */
  readonly perSecond: number | null
  readonly concurrency: number
  /** Where it is written what was sent and acknowledged; null for nowhere. Absolute. */
  readonly ledger: string | null
  readonly signal: AbortSignal
  readonly onRetry: (reason: string) => void
  readonly onProgress: (report: SendReport) => void
}

export async function simulate(machine: Machine, options: SimulateOptions): Promise<SendReport> {
  const deliveries = centreTraffic(machine, options)
  const ledger =
    options.ledger === null ? null : await openLedgerFile(machine.files, options.ledger)
  const { perSecond, concurrency, signal, onRetry, onProgress } = options
  try {
    return await send(
      { ...machine, ...(ledger && { ledger }) },
      {
        deliveries,
        routeOf: () => options.route,
        concurrency,
        pace: perSecond === null ? { kind: 'flat-out' } : { kind: 'rate', perSecond },
        signal,
        onRetry,
        onProgress,
      },
    )
  } finally {
    await ledger?.close()
  }
}

const TOKEN_MS = 30 * 86_400_000

export interface RouteInput {
  readonly clock: Clock
  readonly config: Config
  readonly secrets: ReadonlyMap<string, SourceSecrets>
}

/**
 * To a source of a configuration, with its proofs and its contract; null where it has no such one.
 */
export function routeToSource(input: RouteInput, name: string): Route | null {
  const { listen, sources } = input.config
  const source = sources.find((one) => one.name === name)
  if (source === undefined) return null
  const host = reachable(listen.host)
  return {
    url: new URL(`${listen.tls ? 'https' : 'http'}://${host}:${listen.port}${source.path}`),
    contract: contractFor(source.contract),
    ...(source.auth !== 'none' && proofsFor(source, input)),
  }
}

/** Made with the first secret of each. */
function proofsFor(
  { name, auth }: Config['sources'][number],
  { secrets, clock }: RouteInput,
): Pick<Route, 'hmac' | 'apiKey' | 'headers'> {
  if (auth === 'none') return {}
  const { hmac, apiKey, basic, bearer, firehoseKey, oauth } = auth
  const own = secrets.get(name) ?? {}
  const first = (proof: SecretProof) => own[proof]?.[0] ?? ''
  const credentials = Buffer.from(`${basic?.user}:${first('basic')}`).toString('base64')
  return {
    headers: {
      ...(basic && { Authorization: `Basic ${credentials}` }),
      ...(bearer && { Authorization: `Bearer ${first('bearer')}` }),
      ...(oauth && {
        Authorization: `Bearer ${tokenFor(name, oauth, { secret: first('oauth'), clock })}`,
      }),
      ...(firehoseKey && { 'X-Amz-Firehose-Access-Key': first('firehoseKey') }),
    },
    ...(apiKey && { apiKey: { header: apiKey.header, value: first('apiKey') } }),
    ...(hmac && {
      hmac: {
        header: hmac.header,
        encoding: hmac.encoding,
        secret: first('hmac'),
        ...(hmac.timestamp && { timestampHeader: hmac.timestamp.header }),
      },
    }),
  }
}

/** As the door gives it, for longer than a simulation takes. */
function tokenFor(
  source: string,
  { clientId, tokenPath }: NonNullable<Proofs['oauth']>,
  { secret, clock }: { readonly secret: string; readonly clock: Clock },
): string {
  const options = { clientId, tokenPath, lifetimeMs: TOKEN_MS, secrets: fixedSecrets(secret) }
  const issued = new TokenIssuer(source, options).issue({ id: clientId, secret }, clock.now())
  return issued.verdict === 'holds' ? issued.token : ''
}

/** One that the simulator does not know by name is kept as the configuration describes it. */
function contractFor(chosen: Config['sources'][number]['contract']): RetryContract {
  const known = typeof chosen === 'string' ? senderContracts[chosen] : undefined
  if (known !== undefined) return known
  const { answerWithin, retriedStatuses, retryWindow } = contractOf(chosen)
  const every4xx = Array.from({ length: 100 }, (_, index) => 400 + index)
  return {
    ...eventBridgeDestination,
    name: typeof chosen === 'string' ? chosen : 'own',
    answerWithinMs: answerWithin,
    retriedStatuses: retriedStatuses.flatMap((status) => (status === '4xx' ? every4xx : [status])),
    giveUpAfterMs: retryWindow,
  }
}

/** The address by which this machine reaches itself. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

export async function readCertificates(files: Files, path: string): Promise<string> {
  return (await files.readAll(path)).toString('utf8')
}

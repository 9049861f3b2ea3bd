/** `inlet simulate`: plays a contact centre at a receiver. */
import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import type { FaultLevel } from '../app/simulated-centre.ts'
import { InletError } from '../core/errors.ts'
import type { Cloud } from '../simulator/cloud/cloud.ts'
import type { ToldDialect } from '../simulator/render/dialects.ts'
import type { RetryContract } from '../simulator/sending/contract.ts'
import type { Route } from '../simulator/sending/route.ts'
import type { SendReport } from '../simulator/sending/tally.ts'
import type { AddCommand, Invocation } from './command-line.ts'
import { action, count, duration, examples } from './command-line.ts'
import { requireSecrets } from './role-process.ts'
import { columns, counted } from './text.ts'

/** As src/simulator/render/dialects.ts has them; named here so that help needs no simulator. */
const dialects = [
  'eventbridge',
  'notification',
  'analytics-notification',
  'event-subscription',
  'conversation-detail',
] as const satisfies readonly ToldDialect[]

interface Options {
  readonly source?: string
  readonly url?: string
  readonly dialect?: readonly ToldDialect[]
  readonly events: number
  readonly rate?: number
  readonly seed: number
  readonly concurrency: number
  readonly faults: FaultLevel
  readonly batches?: boolean
  readonly contract: 'guide-webhook' | 'eventbridge' | 'firehose'
  readonly firstRetry?: number
  readonly hmacHeader: string
  readonly hmacSecretEnv?: string
  readonly apiKeyHeader: string
  readonly apiKeyEnv?: string
  readonly ca?: string
  readonly insecure?: boolean
  readonly ledger?: string
  readonly port?: number
  readonly ago: number
  readonly loseEvents: number
  readonly loseConversations: number
}

export const addSimulate: AddCommand = (program, shell) => {
  addOptions(program.command('simulate'))
    .summary('play a contact centre at a receiver')
    .description(
      'Sends the events of an invented contact centre as their real senders would: with retries, and if asked with repeated, late and unreadable deliveries and changing schemas. The same seed plays the same traffic. Sends to a source of the configuration with its proofs, or to any --url. With --port it also serves the API of that organisation on this machine until it is stopped, to whoever logs in as the OAuth client simulator with the secret simulator; without a receiver, notification channels and the webhooks of subscriptions on this machine are told what happens as it happens. Exits 1 when something was not acknowledged.',
    )
    .addHelpText(
      'after',
      examples(
        'inlet simulate --events 5000 --rate 500',
        'inlet simulate --source genesys-prod --dialect eventbridge --faults harsh --ledger sent.ndjson',
        'inlet simulate --url https://in.example.com/events --hmac-secret-env GENESYS_SECRET',
        'inlet simulate --port 8090 --ago 2h --events 5000',
      ),
    )
    .action(
      action(shell, async (invocation, command) => {
        const options = command.opts<Options>()
        const cloud = options.port === undefined ? null : await serve(invocation, options)
        try {
          const report = await play(invocation, options, cloud)
          if (report !== null) {
            const { deadLetters, ...figures } = report
            invocation.print({ ...figures, deadLetters }, textOf(report))
          }
          if (cloud !== null) await stopped(shell.stop)
          return report === null || report.givenUp + report.interrupted === 0 ? 0 : 1
        } finally {
          await cloud?.stop()
        }
      }),
    )
}

function addOptions(command: Command): Command {
  return command
    .option('--source <name>', 'a source of the configuration; the only one, if there is one')
    .option('--url <url>', 'send there instead; needs no configuration')
    .addOption(new Option('--dialect <names...>', 'what to send').choices(dialects))
    .option('--events <n>', 'how many, about', count(1), 1000)
    .option('--rate <n>', 'events a second; without it, as fast as they are answered', count(1))
    .option('--seed <n>', 'the same seed plays the same traffic', count(0), 1)
    .option('--concurrency <n>', 'requests under way at once', count(1), 16)
    .addOption(
      new Option('--faults <level>', 'what goes wrong on the way')
        .choices(['none', 'harmless', 'harsh'])
        .default('none'),
    )
    .option('--batches', 'send some events together')
    .addOption(
      new Option('--contract <name>', 'with --url: how to retry')
        .choices(['guide-webhook', 'eventbridge', 'firehose'])
        .default('guide-webhook'),
    )
    .option(
      '--first-retry <duration>',
      'wait this long before the second try, then longer; without it, as the real sender does',
      duration,
    )
    .option('--hmac-header <name>', 'with --url: where the signature goes', 'X-Genesys-Signature')
    .option('--hmac-secret-env <name>', 'with --url: the environment variable of its secret')
    .option('--api-key-header <name>', 'with --url: where the key goes', 'X-Api-Key')
    .option('--api-key-env <name>', 'with --url: the environment variable of the key')
    .option('--ca <file>', 'PEM: trust the receiver by this')
    .option('--insecure', 'do not look at the certificate of the receiver')
    .option('--ledger <file>', 'write down what was sent and acknowledged')
    .option(
      '--port <n>',
      'serve the API of the organisation here; alone, nothing is posted',
      count(0),
    )
    .option('--ago <duration>', 'what is told begins to happen so long ago', duration, 0)
    .option('--lose-events <n>', 'never send every n-th event', count(0), 0)
    .option(
      '--lose-conversations <n>',
      'send nothing of about every n-th conversation',
      count(0),
      0,
    )
}

/** What may be subscribed to without Amazon. */
const subscribed = ['notification', 'analytics-notification', 'event-subscription'] as const

async function serve(invocation: Invocation, options: Options): Promise<Cloud> {
  const { port = 0, seed } = options
  const { startCentreApi } = await import('../app/simulated-centre.ts')
  const tls = await trustOf(invocation, options)
  const cloud = await startCentreApi(invocation.shell.machine, { port, seed, ...tls })
  const { host, orgId } = cloud
  invocation.remark(`The API is at host: ${host}, with orgId: ${orgId}.`)
  return cloud
}

/** Null where nothing is posted: what happens is told by the API and its channels alone. */
async function play(
  invocation: Invocation,
  options: Options,
  cloud: Cloud | null,
): Promise<SendReport | null> {
  const { shell } = invocation
  const { events, seed, rate = null, concurrency, faults, batches = false } = options
  const centre = {
    dialects: options.dialect ?? dialects,
    events,
    seed,
    faults,
    batches,
    agoMs: options.ago,
    losses: { events: options.loseEvents, conversations: options.loseConversations },
    cloud,
  }
  if (cloud !== null && options.source === undefined && options.url === undefined) {
    const { centreTraffic, tellSubscribers } = await import('../app/simulated-centre.ts')
    const told = { ...centre, dialects: options.dialect ?? subscribed, isToldByAll: true }
    const deliveries = centreTraffic(shell.machine, told)
    await tellSubscribers(shell.machine, deliveries, { cloud, signal: shell.stop })
    return null
  }
  const { simulate } = await import('../app/simulate.ts')
  const real = await routeOf(invocation, options)
  const route = { ...real, contract: retryingAfter(real.contract, options.firstRetry) }
  return simulate(shell.machine, {
    ...centre,
    route,
    perSecond: rate,
    concurrency,
    ledger: options.ledger === undefined ? null : resolve(shell.folder, options.ledger),
    signal: shell.stop,
    onRetry: tellOnce(invocation),
    onProgress: ({ acknowledged, givenUp }) => {
      if (shell.watched) invocation.remark(`${acknowledged} acknowledged, ${givenUp} given up`)
    },
  })
}

/** Each reason once: some senders go on trying for half an hour. */
function tellOnce(invocation: Invocation): (reason: string) => void {
  const told = new Set<string>()
  return (reason) => {
    if (told.has(reason)) return
    told.add(reason)
    const trust = reason.includes('certificate') ? ' To trust the receiver, name its --ca.' : ''
    invocation.remark(`Not acknowledged, and tried again: ${reason}.${trust}`)
  }
}

async function stopped(signal: AbortSignal): Promise<void> {
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
}

/** Tests and demonstrations do not wait a minute for a second try. */
function retryingAfter(contract: RetryContract, baseMs?: number): RetryContract {
  if (baseMs === undefined) return contract
  return { ...contract, backoff: { baseMs, maxMs: Math.max(baseMs, contract.backoff.maxMs) } }
}

async function routeOf(invocation: Invocation, options: Options): Promise<Route> {
  const route =
    options.url === undefined
      ? await routeBySource(invocation, options.source)
      : await routeByUrl(invocation, options.url, options)
  return { ...route, ...(await trustOf(invocation, options)) }
}

/** Whom a sender trusts; nothing where nothing is said. */
async function trustOf({ shell }: Invocation, options: Options): Promise<Pick<Route, 'tls'>> {
  const { machine, folder } = shell
  const { readCertificates } = await import('../app/simulate.ts')
  const ca =
    options.ca === undefined
      ? undefined
      : await readCertificates(machine.files, resolve(folder, options.ca))
  if (ca === undefined && options.insecure !== true) return {}
  return { tls: { ...(ca && { ca }), rejectUnauthorized: options.insecure !== true } }
}

async function routeBySource(invocation: Invocation, wanted?: string): Promise<Route> {
  const file = await invocation.config()
  const { config } = file
  const { routeToSource } = await import('../app/simulate.ts')
  const names = config.sources.map(({ name }) => name)
  const name = wanted ?? (names.length === 1 ? names[0] : undefined)
  const secrets = await requireSecrets(invocation.shell, file)
  const { clock } = invocation.shell.machine
  const route = name === undefined ? null : routeToSource({ clock, config, secrets }, name)
  if (route !== null) return route
  const reason = name === undefined ? 'there are several sources' : `there is no source ${name}`
  throw new InletError('INL_CLI_USAGE', { reason, hint: `Write --source ${names.join(' or ')}.` })
}

async function routeByUrl(invocation: Invocation, text: string, options: Options): Promise<Route> {
  const { senderContracts } = await import('../app/simulate.ts')
  const contract = senderContracts[options.contract]
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol) || contract === undefined) {
    const hint = 'Write --url https://host/path.'
    throw new InletError('INL_CLI_USAGE', { reason: `"${text}" is no URL to post to`, hint })
  }
  const secretOf = (name: string) => {
    const value = invocation.shell.environment[name]
    if (value) return value
    const reason = `the environment variable ${name} is not set`
    throw new InletError('INL_CLI_USAGE', { reason, hint: `Set ${name} for this process.` })
  }
  const { hmacSecretEnv, hmacHeader, apiKeyEnv, apiKeyHeader } = options
  return {
    url,
    contract,
    ...(hmacSecretEnv && { hmac: { header: hmacHeader, secret: secretOf(hmacSecretEnv) } }),
    ...(apiKeyEnv && { apiKey: { header: apiKeyHeader, value: secretOf(apiKeyEnv) } }),
  }
}

function textOf(report: SendReport): string {
  const { acknowledged, deliveries, attempts, outcomes, answers, latency } = report
  const list = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([name, n]) => `${name} ${n.toLocaleString('en')}`)
      .join(', ') || 'none'
  const took = (report.elapsedMs / 1000).toFixed(1)
  const rows = [
    ['acknowledged', `${counted(acknowledged, 'event')} in ${counted(deliveries, 'request')}`],
    ['outcomes', list(outcomes)],
    ['answers', `${list(answers)}; ${attempts - deliveries} tried again`],
    ['pace', `${Math.round(report.perSecond).toLocaleString('en')} events a second, ${took} s`],
    [
      'latency',
      `p50 ${latency.p50.toFixed(1)} ms, p99 ${latency.p99.toFixed(1)} ms, longest ${latency.longest.toFixed(1)} ms`,
    ],
    ...(report.givenUp > 0 ? [['given up', counted(report.givenUp, 'request')]] : []),
    ...(report.interrupted > 0 ? [['interrupted', counted(report.interrupted, 'request')]] : []),
    ...report.deadLetters
      .slice(0, 5)
      .map(({ delivery, reason }) => ['', `request ${delivery}: ${reason}`]),
  ]
  return columns(rows)
}

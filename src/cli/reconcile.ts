/** `inlet reconcile`: compare with Genesys Cloud, and fetch what is missing. */
import type { Config } from '../app/config/schema.ts'
import { InletError } from '../core/errors.ts'
import { formatDuration } from '../core/units.ts'
import type { OrgReport } from '../reconcile/report.ts'
import type { AddCommand, Invocation } from './command-line.ts'
import { actionBehindTheDoor, examples } from './command-line.ts'
import { progress } from './progress.ts'
import { childOption, secretSource, withVoice } from './role-process.ts'
import { columns, counted } from './text.ts'
import { moment } from './times.ts'

interface Options {
  readonly org?: string
  readonly from?: number
  readonly to?: number
  readonly scheduled?: boolean
  readonly child?: boolean
}

const drainMs = 20_000

const TRAILING_MS = 345_600_000
/** Events of what ended later may be on their way. */
const SETTLED_AFTER_MS = 600_000
const PER_SECOND = 200
/** Rows of a report for people; programs get all. */
const MOST_ROWS = 50

export const addReconcile: AddCommand = (program, shell) => {
  const time = moment(shell.machine.clock)
  program
    .command('reconcile')
    .summary('compare with Genesys Cloud, and fetch what is missing')
    .description(
      'Asks Analytics for the conversations of an interval, and by id for those before it that are open in the lake or in a dead letter, compares each with what the lake was told, and takes in the records of those that it lacks or has otherwise. Works beside a running Inlet, and waits until silver has taken in what is on its way. What was interrupted is run again as it is; a second run submits nothing.',
    )
    .option('--org <name>', 'one of orgs; left out: all that have a client')
    .option(
      '--from <time>',
      'conversations that began then or later; left out: four days ago, and gaps of channels before',
      time,
    )
    .option('--to <time>', 'and before then; left out: ten minutes ago', time)
    .option('--scheduled', 'as `reconcile` of the configuration says, until SIGTERM or SIGINT')
    .addOption(childOption())
    .addHelpText(
      'after',
      examples('inlet reconcile', 'inlet reconcile --org prod --from 2026-03-01 --to 2026-03-08'),
    )
    .action(
      actionBehindTheDoor(shell, async (invocation, command) => {
        const options = command.opts<Options>()
        if (options.scheduled || options.child) return keepComparing(invocation)
        const reports = await compare(invocation, options)
        invocation.print({ orgs: reports }, reports.map(textOf).join('\n'))
        return 0
      }),
    )
}

async function keepComparing(invocation: Invocation): Promise<number> {
  const { shell } = invocation
  const { config } = await invocation.config()
  const { reconcile } = config
  if (reconcile === undefined) {
    const hint = 'Add it: `reconcile: { every: 1h, trailing: 4d }`.'
    throw new InletError('INL_CLI_USAGE', { reason: 'the configuration has no reconcile', hint })
  }
  return withVoice(invocation, 'reconcile', async ({ observe: observer }) => {
    const { openReconcileRole } = await import('../app/reconcile/role.ts')
    const { runRole } = await import('../app/role.ts')
    const { metricsLives } = await import('../app/metrics.ts')
    const { answerParent } = shell
    const deps = { ...shell.machine, observer, secretSource: await secretSource(shell) }
    const { components, measured } = openReconcileRole(deps, config, reconcile)
    const told = { config, process: 'reconcile', measured, watchesSources: false }
    const all = [...components, ...metricsLives({ ...deps, answerParent }, told)]
    await runRole(deps, { components: all, drainMs, stop: shell.stop, onReady: shell.ready })
    return 0
  })
}

async function compare(invocation: Invocation, options: Options): Promise<OrgReport[]> {
  const { shell, remark } = invocation
  const { machine, stop } = shell
  const { config } = await invocation.config()
  const { reconciledOrgs } = await import('../app/reconcile/orgs.ts')
  const orgs = reconciledOrgs(config).filter(({ name }) => (options.org ?? name) === name)
  if (orgs.length === 0) throw nobodyToAsk(options.org)
  const now = machine.clock.now()
  const to = Math.min(options.to ?? now - SETTLED_AFTER_MS, now)
  const from = options.from ?? to - TRAILING_MS
  if (from >= to) {
    const hint = 'Let --from be before --to; without --to, that is ten minutes ago.'
    throw new InletError('INL_CLI_USAGE', { reason: 'the interval is empty', hint })
  }
  await refuseNotKept(to, { now, config })
  const { openGenesysClients } = await import('../app/genesys-access.ts')
  const { reconcileOrgs } = await import('../app/reconcile/reconcile.ts')
  const deps = { ...machine, observer: () => undefined, secretSource: await secretSource(shell) }
  const tell = progress(invocation, 'compared')
  return reconcileOrgs(machine, config, {
    orgs,
    clients: openGenesysClients(deps, config, { user: 'command' }),
    secretSource: deps.secretSource,
    intervalOf: () => ({ from, to }),
    withGaps: options.from === undefined && options.to === undefined,
    perSecond: PER_SECOND,
    signal: stop,
    onProgress: (_, expected) => tell(expected, null),
    report: remark,
  })
}

/** Nothing of it would stay. */
async function refuseNotKept(to: number, { now, config }: { now: number; config: Config }) {
  const { keptFrom } = await import('../app/reconcile/kept-from.ts')
  const kept = keptFrom(now, config)
  if (to > kept) return
  const silver = formatDuration(config.lake.retention.silver)
  const hint = `lake.retention.silver is ${silver}, and no event may be older than 400d.`
  const reason = `the lake keeps nothing that happened before ${new Date(kept).toISOString()}`
  throw new InletError('INL_CLI_USAGE', { reason, hint })
}

function nobodyToAsk(org: string | undefined): InletError {
  const hint =
    'It needs host, clientId and clientSecret in orgs, and a source of that org that reads conversation-detail.'
  const reason =
    org === undefined ? 'no organisation can be reconciled' : `${org} cannot be reconciled`
  return new InletError('INL_CLI_USAGE', { reason, hint })
}

function textOf(report: OrgReport): string {
  const { org, from, to, expected, present, open, missing, incomplete, changed, notKept } = report
  const found = [
    `${present.toLocaleString('en')} present`,
    `${open} open`,
    `${missing} missing`,
    `${incomplete} incomplete`,
    `${changed} changed`,
  ]
  const lines = [
    `${org}, ${from} to ${to}`,
    `${counted(expected, 'conversation')}: ${found.join(', ')}`,
    `${counted(report.backFilled, 'record')} back-filled, ${report.filtered} filtered, ${report.erased} of erased persons, ${report.retired} too old to be kept`,
    ...(notKept === null
      ? []
      : [
          `${counted(notKept.days, 'day')} before ${notKept.keptFrom} not asked for: lake.retention keeps nothing of them`,
        ]),
    ...(report.askedById === 0
      ? []
      : [`${counted(report.askedById, 'conversation')} before it asked for by id`]),
  ]
  const lacking = report.hours.filter((one) => one.missing + one.incomplete + one.changed > 0)
  const rows = lacking
    .slice(0, MOST_ROWS)
    .map((one) => [
      one.hour ?? 'unknown hour',
      one.queueId ?? 'no queue',
      `${one.expected} expected`,
      `${one.missing} missing, ${one.incomplete} incomplete, ${one.changed} changed`,
    ])
  const more = lacking.length - rows.length
  return `${lines.join('\n')}\n${columns(rows)}${more > 0 ? `and ${more} rows more: --json\n` : ''}`
}

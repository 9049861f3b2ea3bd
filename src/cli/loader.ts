/** `inlet loader`: moves the journal into the lake. */
import type { LoaderRole } from '../app/loader-role.ts'
import { InletError } from '../core/errors.ts'
import type { AddCommand, Invocation } from './command-line.ts'
import { actionBehindTheDoor, collect, examples } from './command-line.ts'
import { childOption, secretSource, withVoice } from './role-process.ts'

const drainMs = 30_000

interface LoaderCommandOptions {
  readonly once?: boolean
  readonly acceptGap?: readonly string[]
  readonly acceptRollback?: string
}

export const addLoader: AddCommand = (program, shell) => {
  program
    .command('loader')
    .summary('move the journal into the lake')
    .description(
      'Commits what is durable in the journal to the lake, each event once, and goes on until SIGTERM or SIGINT; it then commits what is left and ends. Any number of gateways may run beside it.',
    )
    .option('--once', 'commit all that is durable, to every layer of the lake, then end')
    .option(
      '--accept-gap <partition>',
      'give up positions of the partition that the journal lost; noted in the lake',
      collect,
    )
    .option(
      '--accept-rollback <partition>',
      'keep what a partition holds whose journal was rolled back, under a journal of its own, then end',
    )
    .addOption(childOption())
    .addHelpText(
      'after',
      examples(
        'inlet loader --config /etc/inlet/inlet.yaml',
        'inlet loader --once',
        'inlet loader --accept-gap gateway-0',
      ),
    )
    .action(
      actionBehindTheDoor(shell, async (invocation, command) => {
        const options = command.opts<LoaderCommandOptions>()
        const { acceptRollback: partition, acceptGap = [] } = options
        if (partition === undefined) return load(invocation, options)
        return keepRolledBack(invocation, { partition, gap: acceptGap.includes(partition) })
      }),
    )
}

async function load(invocation: Invocation, options: LoaderCommandOptions): Promise<number> {
  const { shell } = invocation
  const { config } = await invocation.config()
  const { acceptGap: acceptGaps = [] } = options
  for (const partition of acceptGaps) await requirePartition(invocation, partition)
  return withVoice(invocation, 'loader', async ({ observe: observer }) => {
    const { openLoaderRole } = await import('../app/loader-role.ts')
    const { runRole } = await import('../app/role.ts')
    const deps = { ...shell.machine, observer, secretSource: await secretSource(shell) }
    const isOnce = options.once === true
    const role = await openLoaderRole(deps, config, { acceptGaps, isOnce })
    if (isOnce) return loadOnce(role, shell.stop)
    const { metricsLives } = await import('../app/metrics.ts')
    const { answerParent } = shell
    const { failure, measured } = role
    const metrics = metricsLives(
      { ...deps, answerParent },
      { config, process: 'loader', measured, watchesSources: false },
    )
    const components = [...role.components, ...metrics]
    await runRole(deps, { components, failure, drainMs, stop: shell.stop, onReady: shell.ready })
    return 0
  })
}

/** Ends with 1 where a signal came first. */
async function loadOnce(
  { loader, silver, gold, components }: LoaderRole,
  stop: AbortSignal,
): Promise<number> {
  try {
    const stopped = rejection(stop)
    for (const layer of [loader, silver, gold]) await Promise.race([layer.flush(), stopped])
    return 0
  } finally {
    for (const component of components) await component.stop()
  }
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) return reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

async function keepRolledBack(
  invocation: Invocation,
  accepted: { readonly partition: string; readonly gap: boolean },
): Promise<number> {
  const { config } = await invocation.config()
  const { machine } = invocation.shell
  const { acceptRolledBack } = await import('../app/loader-role.ts')
  const report = await acceptRolledBack(machine, config, accepted)
  if (report === null) throw await noPartition(invocation, accepted.partition)
  const { copied, lost, journalId, kept } = report
  const gone = lost.map(({ from, to }) => `; positions ${from} to ${to} are given up`).join('')
  const text = `${copied} entries are kept under the journal ${journalId}${gone}`
  invocation.print(report, `${text}; the old files: ${kept}\n`)
  return 0
}

async function requirePartition(invocation: Invocation, partition: string): Promise<void> {
  const names = await partitionNames(invocation)
  if (!names.includes(partition)) throw await noPartition(invocation, partition)
}

async function noPartition(invocation: Invocation, partition: string): Promise<InletError> {
  const { config } = await invocation.config()
  const reason = `the journal ${config.journal.dir} has no partition ${partition}`
  const names = await partitionNames(invocation)
  const hint = `It has ${names.join(', ') || 'none'}.`
  return new InletError('INL_CLI_USAGE', { reason, hint })
}

async function partitionNames(invocation: Invocation): Promise<string[]> {
  const { config } = await invocation.config()
  const { listPartitions } = await import('../journal/segment/layout.ts')
  return listPartitions(invocation.shell.machine.files, config.journal.dir)
}

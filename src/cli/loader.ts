/** `inlet loader`: moves the journal into the lake. */
import type { LoaderRole } from '../app/loader-role.ts'
import { InletError } from '../core/errors.ts'
import type { AddCommand, Invocation } from './command-line.ts'
import { action, collect, examples } from './command-line.ts'
import { childOption, withVoice } from './role-process.ts'

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
    .option('--once', 'commit all that is durable, then end')
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
      action(shell, async (invocation, command) => {
        const options = command.opts<LoaderCommandOptions>()
        const { acceptRollback } = options
        if (acceptRollback !== undefined) return keepRolledBack(invocation, acceptRollback)
        return load(invocation, options)
      }),
    )
}

async function load(invocation: Invocation, options: LoaderCommandOptions): Promise<number> {
  const { shell } = invocation
  const { config } = await invocation.config()
  return withVoice(invocation, 'loader', async ({ observe: observer }) => {
    const { openLoaderRole } = await import('../app/loader-role.ts')
    const { runRole } = await import('../app/role.ts')
    const deps = { ...shell.machine, observer }
    const role = await openLoaderRole(deps, config, { acceptGaps: options.acceptGap ?? [] })
    if (options.once === true) return loadOnce(role, shell.stop)
    const { metricsLife } = await import('../app/metrics.ts')
    const { answerParent } = shell
    const { failure, measured } = role
    const metrics = metricsLife({ ...deps, answerParent }, { config, process: 'loader', measured })
    const components = [...role.components, metrics]
    await runRole(deps, { components, failure, drainMs, stop: shell.stop, onReady: shell.ready })
    return 0
  })
}

/** Ends with 1 where a signal came first. */
async function loadOnce({ loader, components }: LoaderRole, stop: AbortSignal): Promise<number> {
  try {
    await Promise.race([loader.flush(), rejection(stop)])
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

async function keepRolledBack(invocation: Invocation, partition: string): Promise<number> {
  const { config } = await invocation.config()
  const { listPartitions } = await import('../journal/segment/layout.ts')
  const { machine } = invocation.shell
  const partitions = await listPartitions(machine.files, config.journal.dir)
  if (!partitions.includes(partition)) {
    const reason = `the journal ${config.journal.dir} has no partition ${partition}`
    throw new InletError('INL_CLI_USAGE', { reason, hint: `It has ${partitions.join(', ')}.` })
  }
  const { acceptRolledBack } = await import('../app/loader-role.ts')
  const report = await acceptRolledBack(machine, config, partition)
  const { copied, journalId, kept } = report
  const text = `${copied} entries are kept under the journal ${journalId}; the old files: ${kept}\n`
  invocation.print(report, text)
  return 0
}

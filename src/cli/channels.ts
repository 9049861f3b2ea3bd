/** `inlet channels`: listens to notification channels. */
import { InletError } from '../core/errors.ts'
import type { AddCommand, Invocation } from './command-line.ts'
import { action, examples } from './command-line.ts'
import { childOption, secretSource, withVoice } from './role-process.ts'

const drainMs = 20_000

export const addChannels: AddCommand = (program, shell) => {
  program
    .command('channels')
    .summary('listen to notification channels of Genesys Cloud')
    .description(
      'Listens to the topics that `channels` names, makes durable what comes, and keeps a note of every time in which nothing could. Goes on until SIGTERM or SIGINT. The lake is not touched: a loader, in a process of its own, moves events there.',
    )
    .addOption(childOption())
    .addHelpText('after', examples('inlet channels', 'inlet channels --config prod.yaml'))
    .action(action(shell, (invocation) => listen(invocation)))
}

async function listen(invocation: Invocation): Promise<number> {
  const { shell } = invocation
  const { config } = await invocation.config()
  if (config.channels.length === 0) {
    const hint = 'Add what to listen to: `channels: [{ org: prod, users: [...], queues: [...] }]`.'
    throw new InletError('INL_CLI_USAGE', { reason: 'the configuration names no channels', hint })
  }
  return withVoice(invocation, 'channels', async ({ observe: observer }) => {
    const { openChannelsRole } = await import('../app/channels/channels-role.ts')
    const { runRole } = await import('../app/role.ts')
    const { metricsLives } = await import('../app/metrics.ts')
    const { answerParent } = shell
    const deps = { ...shell.machine, observer, secretSource: await secretSource(shell) }
    const { measured, failure, ...role } = await openChannelsRole(deps, config)
    const told = { config, process: 'channels', measured }
    const components = [...role.components, ...metricsLives({ ...deps, answerParent }, told)]
    await runRole(deps, { components, drainMs, stop: shell.stop, failure, onReady: shell.ready })
    return 0
  })
}

/** `inlet sinks`: sends rows of silver to the sinks of the configuration. */
import { InletError } from '../core/errors.ts'
import type { AddCommand, Invocation } from './command-line.ts'
import { action, examples } from './command-line.ts'
import { childOption, secretSource, withVoice } from './role-process.ts'

const drainMs = 20_000

export const addSinks: AddCommand = (program, shell) => {
  program
    .command('sinks')
    .summary('send rows of silver to the sinks of the configuration')
    .description(
      'Sends the rows of silver to the PostgreSQL databases and servers that `sinks` names, and goes on until SIGTERM or SIGINT. Each sink keeps how far it has come. Reads the lake and writes nothing to it.',
    )
    .option('--once', 'send what the lake has, then end')
    .addOption(childOption())
    .addHelpText('after', examples('inlet sinks', 'inlet sinks --once'))
    .action(
      action(shell, (invocation, command) =>
        send(invocation, command.opts<{ once?: boolean }>().once === true),
      ),
    )
}

async function send(invocation: Invocation, once: boolean): Promise<number> {
  const { shell } = invocation
  const { config } = await invocation.config()
  if (config.sinks.length === 0) {
    const hint = 'Add one: `sinks: [{ name: warehouse, kind: postgres, url: { env: PG_URL } }]`.'
    throw new InletError('INL_CLI_USAGE', { reason: 'the configuration names no sink', hint })
  }
  return withVoice(invocation, 'sinks', async ({ observe: observer }) => {
    const { openSinksRole } = await import('../app/sinks-role.ts')
    const { runRole } = await import('../app/role.ts')
    const { metricsLives } = await import('../app/metrics.ts')
    const { answerParent } = shell
    const from = await secretSource(shell)
    const deps = { ...shell.machine, observer, secretSource: from }
    const role = openSinksRole(deps, config)
    if (once) {
      try {
        for (const forwarder of role.forwarders) await forwarder.bringUpToDate(shell.stop)
        return 0
      } finally {
        for (const component of role.components) await component.stop()
      }
    }
    const { measured } = role
    const told = { config, process: 'sinks', measured, watchesSources: false }
    const components = [...role.components, ...metricsLives({ ...deps, answerParent }, told)]
    await runRole(deps, { components, drainMs, stop: shell.stop, onReady: shell.ready })
    return 0
  })
}

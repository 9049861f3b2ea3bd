/** `inlet gateway`: takes events and makes them durable, without a loader. */
import type { AddCommand } from './command-line.ts'
import { action, examples } from './command-line.ts'
import { childOption, requireSecrets, withVoice } from './role-process.ts'

const drainMs = 20_000

export const addGateway: AddCommand = (program, shell) => {
  program
    .command('gateway')
    .summary('take events and make them durable')
    .description(
      'Takes events from the sources of the configuration and makes them durable in the journal. The lake is not touched: a loader, in a process of its own, moves them there. Ends at SIGTERM or SIGINT once what was begun is answered.',
    )
    .addOption(childOption())
    .addHelpText('after', examples('inlet gateway --config /etc/inlet/inlet.yaml'))
    .action(
      action(shell, async (invocation) => {
        const file = await invocation.config()
        const secrets = await requireSecrets(shell, file)
        return withVoice(invocation, 'gateway', async ({ observe: observer }) => {
          const { openGateway } = await import('../app/gateway.ts')
          const { runRole } = await import('../app/role.ts')
          const deps = { ...shell.machine, observer }
          const { components } = await openGateway(deps, { config: file.config, secrets })
          await runRole(deps, { components, drainMs, stop: shell.stop, onReady: shell.ready })
          return 0
        })
      }),
    )
}

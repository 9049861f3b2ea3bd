/** `inlet health`: whether the processes of a configuration answer. */
import type { AddCommand } from './command-line.ts'
import { action, examples } from './command-line.ts'
import { secretSource } from './role-process.ts'

export const addHealth: AddCommand = (program, shell) => {
  program
    .command('health')
    .summary('whether it is running')
    .description(
      'Asks the Inlet that runs with this configuration, on its port for operators, whether its processes answer. For health checks of containers: exits 1 when a gateway does not.',
    )
    .addHelpText('after', examples('inlet health --config /etc/inlet/inlet.yaml'))
    .action(
      action(shell, async (invocation) => {
        const { config } = await invocation.config()
        const { readHealth } = await import('../app/health.ts')
        const deps = { ...shell.machine, secretSource: await secretSource(shell) }
        const health = await readHealth(deps, config)
        invocation.print(
          health,
          health.healthy ? `${health.answered.join(', ')} at work\n` : `${health.trouble}\n`,
        )
        return health.healthy ? 0 : 1
      }),
    )
}

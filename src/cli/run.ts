/** `inlet run`: gateways, channels, reconciliation, loader and sinks, each a process of its own. */
import type { AddCommand } from './command-line.ts'
import { action, examples } from './command-line.ts'
import { runParts, withVoice } from './role-process.ts'

export const addRun: AddCommand = (program, shell) => {
  program
    .command('run')
    .summary('everything: gateways, channels, loader and sinks')
    .description(
      'Runs gateways (listen.workers of them), a loader, and channels, reconciliation and sinks where the configuration has them, each a process of its own, and starts again what ends. At SIGTERM or SIGINT the gateways and channels drain first, then the loader lands what they left; a second signal ends everything at once. Nothing acknowledged is lost either way. Under systemd, set KillMode=mixed.',
    )
    .addHelpText('after', examples('inlet run', 'inlet run --config /etc/inlet/inlet.yaml'))
    .action(
      action(shell, async (invocation) => {
        const file = await invocation.config()
        const { checkJournalDisk } = await import('../app/disk-check.ts')
        await checkJournalDisk(file.config.journal)
        return withVoice(invocation, 'run', async ({ observe: observer }) => {
          return runParts(invocation, {
            config: file.config,
            roles: [
              'gateway',
              ...(file.config.channels.length > 0 ? ['channels' as const] : []),
              ...(file.config.reconcile ? ['reconcile' as const] : []),
              'loader',
              ...(file.config.sinks.length > 0 ? ['sinks' as const] : []),
            ],
            observer,
          })
        })
      }),
    )
}

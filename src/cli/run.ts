/** `inlet run`: gateway and loader, each a process of its own. */
import type { AddCommand } from './command-line.ts'
import { action, examples } from './command-line.ts'
import { requireSecrets, withVoice } from './role-process.ts'

/** Longer than either drains by itself. */
const graceMs = 40_000

export const addRun: AddCommand = (program, shell) => {
  program
    .command('run')
    .summary('everything: gateway and loader')
    .description(
      'Runs a gateway and a loader as two processes, and starts again what ends. At SIGTERM or SIGINT the gateway drains first, then the loader lands what it left; a second signal ends everything at once. Nothing acknowledged is lost either way. Under systemd, set KillMode=mixed.',
    )
    .addHelpText('after', examples('inlet run', 'inlet run --config /etc/inlet/inlet.yaml'))
    .action(
      action(shell, async (invocation) => {
        const file = await invocation.config()
        await requireSecrets(shell, file)
        const { checkJournalDisk } = await import('../app/disk-check.ts')
        await checkJournalDisk(file.config.journal)
        return withVoice(invocation, 'run', async ({ observe: observer }) => {
          const { spawnRole } = await import('../app/child.ts')
          const { supervise } = await import('../app/supervisor.ts')
          const json = invocation.json ? ['--json'] : []
          const command = { ...shell.self, args: ['--config', file.path, ...json] }
          const deps = { ...shell.machine, observer, spawn: spawnRole.bind(null, command) }
          const code = await supervise(deps, {
            stop: shell.stop,
            hurry: shell.hurry,
            graceMs,
            onReady: () => observer('process_started'),
          })
          observer('process_stopped', { code })
          return code
        })
      }),
    )
}

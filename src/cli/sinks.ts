/** `inlet sinks`: sends rows of silver to the sinks of the configuration. */
import { InletError } from '../core/errors.ts'
import type { AddCommand, Invocation } from './command-line.ts'
import { actionBehindTheDoor, examples } from './command-line.ts'
import { childOption, secretSource, withVoice } from './role-process.ts'
import { counted } from './text.ts'

const drainMs = 20_000

export const addSinks: AddCommand = (program, shell) => {
  program
    .command('sinks')
    .summary('send rows of silver to the sinks of the configuration')
    .description(
      'Sends the rows of silver to the PostgreSQL databases and servers that `sinks` names, and goes on until SIGTERM or SIGINT. Each sink keeps how far it has come. Reads the lake and writes nothing to it.',
    )
    .option('--once', 'send what the lake has, then end')
    .option('--resend <sink>', 'send again what an HTTPS sink was refused for good, then end')
    .addOption(childOption())
    .addHelpText('after', examples('inlet sinks', 'inlet sinks --once', 'inlet sinks --resend crm'))
    .action(
      actionBehindTheDoor(shell, (invocation, command) => {
        const { once = false, resend } = command.opts<{ once?: boolean; resend?: string }>()
        return resend === undefined ? send(invocation, once) : sendAgain(invocation, resend)
      }),
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

/** Ends with 1 where the server refuses an event again: it stays named. */
async function sendAgain(invocation: Invocation, name: string): Promise<number> {
  const { shell } = invocation
  const { config } = await invocation.config()
  return withVoice(invocation, 'sinks', async ({ observe: observer }) => {
    const { resend } = await import('../app/sinks-role.ts')
    const deps = { ...shell.machine, observer, secretSource: await secretSource(shell) }
    const resent = await resend(deps, config, { name, signal: shell.stop })
    const { arrived, refused, gone } = resent
    const parts = [`${counted(arrived, 'event')} arrived`, `${refused} refused again`]
    if (gone > 0) parts.push(`${gone} no more in the lake`)
    invocation.print({ sink: name, ...resent }, `${parts.join(', ')}\n`)
    return refused === 0 ? 0 : 1
  })
}

/** `inlet gateway`: takes events and makes them durable, without a loader. */
import { Option } from 'commander'
import { DOOR_FLAG, WORKER_FLAG } from '../app/child.ts'
import type { ConfigFile } from '../app/config/load.ts'
import type { AddCommand, Invocation } from './command-line.ts'
import { action, count, examples } from './command-line.ts'
import { activatedSocket, childOption, runParts, secretSource, withVoice } from './role-process.ts'

const drainMs = 20_000

/** What the process that started it tells a gateway. */
interface GatewayOptions {
  readonly worker?: number
  readonly door?: number
}

export const addGateway: AddCommand = (program, shell) => {
  program
    .command('gateway')
    .summary('take events and make them durable')
    .description(
      'Takes events from the sources of the configuration and makes them durable in the journal, in listen.workers processes. The lake is not touched: a loader, in a process of its own, moves them there. Ends at SIGTERM or SIGINT once what was begun is answered.',
    )
    .addOption(childOption())
    .addOption(new Option(`${WORKER_FLAG} <n>`).argParser(count(0)).hideHelp())
    .addOption(new Option(`${DOOR_FLAG} <fd>`).argParser(count(0)).hideHelp())
    .addHelpText('after', examples('inlet gateway --config /etc/inlet/inlet.yaml'))
    .action(
      action(shell, async (invocation, command) => {
        const options = command.opts<GatewayOptions>()
        const file = await invocation.config()
        const { workers } = file.config.listen
        const isOne = workers === 1 || options.worker !== undefined
        return isOne ? serve(invocation, file, options) : superviseWorkers(invocation, file)
      }),
    )
}

async function serve(
  invocation: Invocation,
  file: ConfigFile,
  { worker = 0, door = activatedSocket(invocation.shell) }: GatewayOptions,
): Promise<number> {
  const { shell } = invocation
  const { config } = file
  const { gatewayName } = await import('../app/supervisor.ts')
  const name = gatewayName(worker, config.listen.workers)
  return withVoice(invocation, name, async ({ observe: observer }) => {
    const { openGateway } = await import('../app/gateway.ts')
    const { runRole } = await import('../app/role.ts')
    const { metricsLives } = await import('../app/metrics.ts')
    const { answerParent } = shell
    const from = await secretSource(shell)
    const deps = { ...shell.machine, observer, answerParent, secretSource: from }
    const place = { worker, stop: shell.stop, ...(door !== undefined && { door }) }
    const gateway = await openGateway(deps, config, place)
    const { measured } = gateway
    const metrics = metricsLives(deps, { config, process: name, measured })
    const components = [...gateway.components, ...metrics]
    await runRole(deps, { components, drainMs, stop: shell.stop, onReady: shell.ready })
    return 0
  })
}

async function superviseWorkers(invocation: Invocation, file: ConfigFile): Promise<number> {
  return withVoice(invocation, 'gateway', async ({ observe: observer }) =>
    runParts(invocation, { config: file.config, roles: ['gateway'], observer }),
  )
}

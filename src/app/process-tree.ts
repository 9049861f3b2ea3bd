/** The processes that a configuration asks for, behind one door, and the metrics of them all. */
import { startAll, stopAll } from '../core/lifecycle.ts'
import type { Observer } from '../observe/events.ts'
import { type ChildCommand, spawnPart } from './child.ts'
import type { Config } from './config/schema.ts'
import { openDoor } from './door.ts'
import { openFleet } from './fleet.ts'
import type { Machine } from './machine.ts'
import { serveMetrics } from './metrics.ts'
import type { SecretSource } from './secrets/read-secret.ts'
import {
  channelsPart,
  gatewayParts,
  loaderPart,
  type Role,
  reconcilePart,
  type SupervisorOptions,
  sinksPart,
  supervise,
} from './supervisor.ts'

export interface TreeOptions
  extends Pick<SupervisorOptions, 'stop' | 'hurry' | 'graceMs' | 'onReady'> {
  readonly config: Config
  readonly roles: readonly Role[]
  readonly command: ChildCommand
  /** The file descriptor of a socket that a service manager has bound. */
  readonly door?: number
}

/** Resolves to the exit code; rejects where the door cannot be opened. */
export async function runTree(
  deps: Machine & { readonly observer: Observer; readonly secretSource: SecretSource },
  { config, roles, command, door: given, ...options }: TreeOptions,
): Promise<number> {
  const { listen } = config
  const door = await openDoor(deps, { ...listen, ...(given !== undefined && { given }) })
  const spawned = door === null ? command : { ...command, door: door.fd }
  const fleet = openFleet({ ...deps, spawn: (part) => spawnPart(spawned, part) })
  const metrics = serveMetrics(
    deps,
    { config, process: 'supervisor', measured: [fleet] },
    fleet.metrics,
  )
  const parts = {
    gateway: gatewayParts(listen.workers),
    channels: [channelsPart],
    reconcile: [reconcilePart],
    loader: [loaderPart],
    sinks: [sinksPart],
  }
  try {
    await startAll(metrics, options.stop)
    return await supervise(
      { ...deps, spawn: fleet.spawn },
      {
        ...options,
        stages: roles.map((role) => parts[role]),
        // What the gateways have not taken when they let go shall be refused, not kept waiting.
        onStopping: () => door?.close(),
      },
    )
  } finally {
    await stopAll(metrics, AbortSignal.abort())
    door?.close()
  }
}

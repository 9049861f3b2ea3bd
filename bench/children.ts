/** Measured servers and their load, as child processes. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { gatewayEnvironment, gatewayFlags } from '../src/app/child.ts'
import type { ClientTls } from './load/connection.ts'
import type { LoadPlan, LoadResult } from './load.ts'
import type { Usage } from './serve-parent.ts'

export interface MeasuredServer {
  readonly name: string
  readonly port: number
  /** How it is spoken to; null is plain HTTP. */
  readonly tls: ClientTls | null
  usage(): Promise<Usage>
  stop(): Promise<void>
}

export interface ServerChange {
  /** Its only argument, as JSON. */
  readonly settings?: object
  readonly tls?: ClientTls
  /** A file descriptor that it has as its number 4. */
  readonly door?: number
}

/** `file` stands in this folder and speaks ./serve-parent.ts. Inlet runs as a gateway does. */
export async function startServer(
  file: string,
  { settings, tls, door }: ServerChange = {},
): Promise<MeasuredServer> {
  const args = settings === undefined ? [] : [JSON.stringify(settings)]
  const isInlet = file === 'inlet-server.ts'
  const stdio = ['ignore', 'inherit', 'inherit', 'ipc', door ?? 'ignore'] as const
  const child = fork(join(import.meta.dirname, file), args, {
    stdio: [...stdio],
    execArgv: isInlet ? [...gatewayFlags] : [],
    env: { ...(isInlet && gatewayEnvironment), ...process.env },
  })
  const [port] = await once(child, 'message')
  return {
    name: file,
    port: Number(port),
    tls: tls ?? null,
    usage: () => ask<Usage>(child, 'usage'),
    stop: () => end(child),
  }
}

export interface LoadMeasurement extends LoadResult {
  /** Of the server, while the load ran, for each event. */
  readonly cpuMicrosPerEvent: number
  readonly eventsPerSecond: number
  readonly rssBytes: number
}

/** Rejects where a request was answered by anything but 200. */
export async function measureLoad(
  server: MeasuredServer,
  plan: Omit<LoadPlan, 'port' | 'connections' | 'tls'>,
): Promise<LoadMeasurement> {
  const child = fork(join(import.meta.dirname, 'load.ts'))
  try {
    await ask(child, { ...plan, port: server.port, tls: server.tls, connections: 64 })
    const before = await server.usage()
    const result = await ask<LoadResult>(child, 'go')
    const after = await server.usage()
    if (result.statuses[200] !== plan.requests)
      throw new Error(`${server.name} answered ${JSON.stringify(result.statuses)}`)
    const events = plan.requests * plan.batch
    return {
      ...result,
      cpuMicrosPerEvent: (after.cpuMicros - before.cpuMicros) / events,
      eventsPerSecond: events / result.seconds,
      rssBytes: after.rssBytes,
    }
  } finally {
    await end(child)
  }
}

/** In a lake of its own in `folder`; `stop` tells how many files went into compactions. */
export async function startCompacting(folder: string): Promise<{ stop(): Promise<number> }> {
  const child = fork(join(import.meta.dirname, 'busy-lake.ts'), [folder])
  await once(child, 'message')
  return {
    async stop() {
      const files = await ask<number>(child, 'stop')
      await end(child)
      return files
    },
  }
}

async function ask<Reply>(child: ChildProcess, message: object | string): Promise<Reply> {
  child.send(message)
  const [reply] = await once(child, 'message')
  return reply
}

/** Both kinds of children end by themselves when nobody is there to ask them. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const ended = once(child, 'exit')
  if (child.connected) child.disconnect()
  await ended
}

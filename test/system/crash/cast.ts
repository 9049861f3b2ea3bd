/**
 * The processes of a crash test: started as `inlet run` starts them, behind one door, killed by the
 * test, and started again at once, without the pauses of a supervisor.
 */
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawnPart } from '../../../src/app/child.ts'
import { openDoor } from '../../../src/app/door.ts'
import { realMachine } from '../../../src/app/machine.ts'
import { type Child, gatewayParts, loaderPart, type Part } from '../../../src/app/supervisor.ts'
import { systemClock } from '../../../src/core/clock.ts'
import { inletScript } from '../inlet-process.ts'
import { environment, type Scene } from './scene.ts'

export interface Cast {
  /** In the order in which they are stopped. */
  readonly parts: readonly Part[]
  untilReady(part: Part): Promise<void>
  /** SIGKILL; resolves once another runs in its place. */
  kill(part: Part): Promise<void>
  /** SIGTERM for one after the other; rejects where one does not end well. */
  stop(): Promise<void>
}

const READY_WITHIN_MS = 600_000

export async function openCast(scene: Scene, config: string): Promise<Cast> {
  const { folder, port, workers } = scene
  const door = await openDoor(realMachine, { host: '127.0.0.1', port, workers })
  const log = join(folder, 'inlet.log')
  const output = openSync(log, 'a')
  const command = {
    executable: process.execPath,
    environment: { ...process.env, ...environment },
    script: [inletScript],
    args: ['--config', config, '--json'],
    output,
    ...(door && { door: door.fd }),
  }
  const parts = [...gatewayParts(workers), loaderPart]
  const running = new Map<Part, Child>()
  const start = (part: Part) => void running.set(part, spawnPart(command, part))
  const childOf = (part: Part): Child => {
    const child = running.get(part)
    if (child === undefined) throw new Error(`${part.name} is no part of it`)
    return child
  }
  const failed = (part: Part, how: string) =>
    new Error(`${part.name} ${how}\n${readFileSync(log, 'utf8').slice(-20_000)}`)
  for (const part of parts) start(part)
  const cast: Cast = {
    parts,
    async untilReady(part) {
      const child = childOf(part)
      const late = new AbortController()
      const how = await Promise.race([
        child.ready.then(() => null),
        child.exited.then(({ code, signal }) => `ended by itself (${code ?? signal})`),
        systemClock.sleep(READY_WITHIN_MS, late.signal).then(() => 'never started'),
      ])
      late.abort()
      if (how !== null) throw failed(part, how)
    },
    async kill(part) {
      const child = childOf(part)
      child.kill()
      const { code, signal } = await child.exited
      if (signal !== 'SIGKILL') throw failed(part, `ended by itself (${code ?? signal})`)
      start(part)
    },
    async stop() {
      door?.close()
      for (const part of parts) {
        await cast.untilReady(part)
        const child = childOf(part)
        child.terminate()
        const { code, signal } = await child.exited
        if (code !== 0) throw failed(part, `did not drain (${code ?? signal})`)
      }
      closeSync(output)
    },
  }
  return cast
}

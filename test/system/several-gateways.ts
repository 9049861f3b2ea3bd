/** A folder with several gateways on one port, and what the tests of them do to it. */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type Agent, request } from 'node:http'
import { join } from 'node:path'
import { freePort } from '../../src/core/free-port.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { told } from './commands-in.ts'
import { type InletProcess, runInlet, startInlet } from './inlet-process.ts'

export interface Yard {
  readonly folder: string
  readonly port: number
  start(command: 'run' | 'gateway', workers: number, socket?: number): InletProcess
  /** The status, or the code of the error. A connection of its own where no agent is given. */
  post(id: string, agent?: Agent): Promise<number | string>
  /** CSV. */
  query(sql: string): Promise<string>
  json(...args: string[]): Promise<ReturnType<typeof JSON.parse>>
  dispose(): Promise<void>
}

export async function openYard(): Promise<Yard> {
  const folder = await temporaryFolder()
  const port = await freePort()
  const started: InletProcess[] = []
  const run = async (...args: string[]) =>
    (await runInlet(args, { cwd: folder.path, expected: [0, 1] })).stdout
  return {
    folder: folder.path,
    port,
    start(command, workers, socket) {
      writeFileSync(join(folder.path, 'inlet.yaml'), configOf(port, workers))
      const handed = socket === undefined ? {} : { socket }
      const inlet = startInlet([command], { cwd: folder.path, ...handed })
      started.push(inlet)
      return inlet
    },
    post: (id, agent) => postTo(port, id, agent),
    query: (sql) => run('query', '--format', 'csv', sql),
    json: (...args) => told({ cwd: folder.path }, ...args),
    async dispose() {
      // Only what a failed test has left.
      for (const inlet of started) inlet.signal('SIGKILL')
      await folder.dispose()
    },
  }
}

function configOf(port: number, workers: number): string {
  return `listen: { host: 127.0.0.1, port: ${port}, workers: ${workers} }
sources: [{ name: trial, path: /events, auth: none }]
journal: { minFree: 0B, ephemeral: true }
lake: { commitEvery: 100ms }
`
}

async function postTo(port: number, id: string, agent?: Agent): Promise<number | string> {
  const place = { host: '127.0.0.1', port, path: '/events', method: 'POST' }
  const asked = request({ ...place, agent: agent ?? false })
  asked.end(JSON.stringify({ messageId: id, eventType: 'call.event' }))
  try {
    const [response] = await once(asked, 'response')
    response.resume()
    await once(response, 'end')
    return response.statusCode
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}

/** What the supervisor says once everything is up; a single gateway of `run` is a gateway too. */
export const runIsUp = /"role":"run","pid":\d+,"event":"process_started"/
export const gatewaysAreUp = /"role":"gateway","pid":\d+,"event":"process_started"/

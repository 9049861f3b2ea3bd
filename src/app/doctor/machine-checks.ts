/** The runtime that Inlet stands on, and the port that it wants. */
import { createServer } from 'node:net'
import { isSystemError } from '../../core/files.ts'
import type { Config } from '../config/schema.ts'
import { type Finding, fail, ok } from './finding.ts'

/** As package.json has it in `engines`. */
const leastNode = 24

export function checkNode(version: string): Finding {
  const remedy = `Use Node ${leastNode} or later; in a checkout, \`npx inlet\` does.`
  const isEnough = Number.parseInt(version, 10) >= leastNode
  return isEnough ? ok('Node', version) : fail('Node', version, remedy)
}

/** A port that is taken is right exactly where a gateway of this journal runs. */
export async function checkPort({ listen }: Config, gatewayIsRunning: boolean): Promise<Finding> {
  const { host, port } = listen
  const name = 'port'
  const place = `${host}:${port}`
  const error = await bindingError(host, port)
  if (error === null) return ok(name, `${place} is free`)
  if (!isSystemError(error, 'EADDRINUSE')) {
    const remedy = 'Use an address of this machine, and a port that this user may have.'
    return fail(name, `${place}: ${error.message}`, remedy)
  }
  if (gatewayIsRunning) return ok(name, `${place} is taken, and a gateway is running`)
  return fail(name, `${place} is taken`, 'End what listens there, or choose another port.')
}

function bindingError(host: string, port: number): Promise<Error | null> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', resolve)
    server.listen(port, host, () => server.close(() => resolve(null)))
  })
}

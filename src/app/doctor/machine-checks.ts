/** The runtime that Inlet stands on, the port that it wants, and the lake that it writes. */
import { createServer } from 'node:net'
import { errorText } from '../../core/errors.ts'
import { isSystemError } from '../../core/files.ts'
import { formatSize } from '../../core/units.ts'
import type { Config } from '../config/schema.ts'
import { fileSystemOf } from '../disk-check.ts'
import type { Machine } from '../machine.ts'
import { type Finding, fail, ok } from './finding.ts'

/** As package.json has it in `engines`. */
const leastNode = 24

export function checkNode(version: string): Finding {
  const remedy = `Use Node ${leastNode} or later; in a checkout, \`npx inlet\` does.`
  const isEnough = Number.parseInt(version, 10) >= leastNode
  return isEnough ? ok('Node', version) : fail('Node', version, remedy)
}

/** Loads DuckDB, which needs a binary for this platform, and proves the store as a loader does. */
export async function checkLake(machine: Machine, config: Config): Promise<Finding[]> {
  const access = await import('../lake-access.ts').catch((error: unknown) => error)
  if (!isModule(access)) {
    const remedy = 'Install again on this platform with `npm ci`, optional packages included.'
    return [fail('DuckDB', `cannot be loaded: ${errorText(access)}`, remedy)]
  }
  try {
    const opened = await access.openLakeAt(machine, config)
    try {
      const [row] = await opened.engine.rows('SELECT version() AS version')
      const { freeBytes } = await fileSystemOf(opened.scratch)
      const proven = `${opened.store.description} is writable and refuses to write an object twice`
      return [
        ok('DuckDB', String(row?.['version'])),
        ok('lake', `${proven}; ${formatSize(freeBytes)} free`),
      ]
    } finally {
      opened.close()
    }
  } catch (error) {
    const remedy = 'Let this user write to lake.url, on a file system with hard links.'
    return [fail('lake', errorText(error), remedy)]
  }
}

type LakeAccess = typeof import('../lake-access.ts')

function isModule(value: unknown): value is LakeAccess {
  return typeof value === 'object' && value !== null && 'openLakeAt' in value
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

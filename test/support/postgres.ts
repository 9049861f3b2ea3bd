/** A PostgreSQL server of its own on loopback, in a folder of its own; nothing of it is kept. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync } from 'node:fs'
import { chown } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { freePort } from '../../src/core/free-port.ts'
import { temporaryFolder } from './temporary.ts'

export interface Postgres {
  readonly url: string
  query(sql: string): Promise<Record<string, unknown>[]>
  /** Ends the server at once, as a crash does. */
  kill(): Promise<void>
  /** Starts it again where it was. */
  start(): Promise<void>
  dispose(): Promise<void>
}

/** `nobody`: PostgreSQL does not run as root. */
const uid = 65_534

/** Rejects where PostgreSQL is not installed (Debian: postgresql). */
export async function startPostgres(): Promise<Postgres> {
  const bin = globSync('/usr/lib/postgresql/*/bin').toSorted().at(-1) ?? ''
  if (!existsSync(join(bin, 'initdb'))) throw new Error('install postgresql: there is no initdb')
  const folder = await temporaryFolder()
  const isRoot = process.getuid?.() === 0
  if (isRoot) await chown(folder.path, uid, uid)
  const as = { cwd: folder.path, ...(isRoot && { uid, gid: uid }) }
  const data = join(folder.path, 'data')
  const port = await freePort('127.0.0.1')
  const url = `postgres://inlet@127.0.0.1:${port}/postgres`
  const making = ['-D', data, '-U', 'inlet', '-A', 'trust', '-E', 'UTF8', '--no-sync', '--locale=C']
  const made = spawn(join(bin, 'initdb'), making, { ...as, stdio: 'ignore' })
  const [code] = await once(made, 'exit')
  if (code !== 0) throw new Error(`initdb ended with ${code}`)
  const serve = () => {
    const args = ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', folder.path, '-F']
    return spawn(join(bin, 'postgres'), args, { ...as, stdio: 'ignore' })
  }
  let server = serve()
  const query = async (sql: string) => {
    const client = new pg.Client({ connectionString: url })
    client.on('error', () => undefined)
    await client.connect()
    try {
      return (await client.query(sql)).rows
    } finally {
      await client.end()
    }
  }
  const answers = async () => {
    for (;;) {
      if (server.exitCode !== null) throw new Error(`postgres ended with ${server.exitCode}`)
      const isUp = await query('SELECT 1').then(
        () => true,
        () => false,
      )
      if (isUp) return
      await sleep(50)
    }
  }
  const end = async (signal: NodeJS.Signals) => {
    if (server.exitCode !== null || server.signalCode !== null) return
    const ended = once(server, 'exit')
    server.kill(signal)
    await ended
  }
  await answers()
  return {
    url,
    query,
    // What SIGQUIT is to PostgreSQL: no checkpoint, no good-bye.
    kill: () => end('SIGQUIT'),
    async start() {
      server = serve()
      await answers()
    },
    async dispose() {
      await end('SIGQUIT')
      await folder.dispose()
    },
  }
}

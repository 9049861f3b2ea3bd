/** For demonstrations, tests and measurements that start a server beside others. */
import { createServer } from 'node:net'
import { systemRandom } from './random.ts'

/** Below what systems give to whoever asks for any port: nobody gets one of these by chance. */
const FIRST = 10_000
const BEHIND_LAST = 32_768
const TRIES = 100

/** A TCP port of `host` that was free a moment ago, and is left alone by who takes just any. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (let tries = 1; ; tries++) {
    const port = FIRST + systemRandom.below(BEHIND_LAST - FIRST)
    const taken = await bound(host, port)
    if (taken === null) return port
    if (tries === TRIES) throw taken
  }
}

/** Null where it can be bound, else why not. */
function bound(host: string, port: number): Promise<Error | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', resolve)
    server.listen(port, host, () => server.close(() => resolve(null)))
  })
}

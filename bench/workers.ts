/**
 * What sharing a port costs an event: one gateway, and two that take connections from one socket as
 * `inlet run` has them (docs/adr/006). CPU is that of both together.
 *
 * Two share the connections, so that each syncs for half as many at once: single events cost more.
 * The rate tells little on a machine whose cores the sender needs as well.
 *
 * The last line of the output is the figures, for ./bench.ts.
 */
import { openDoor } from '../src/app/door.ts'
import { systemClock } from '../src/core/clock.ts'
import { freePort } from '../src/core/free-port.ts'
import { type MeasuredServer, startServer } from './children.ts'
import type { ServerSettings } from './inlet-server.ts'
import { formatRow, type Row } from './row.ts'
import { takeTurns } from './turns.ts'

const plans = [
  { what: 'single events', requests: 15_000, batch: 1 },
  { what: 'batches of 500', requests: 100, batch: 500 },
] as const
/** Where ./children.ts puts it. */
const settings: ServerSettings = { door: 4 }

/** Several behind one door, as if they were one. */
async function startShared(workers: number): Promise<MeasuredServer> {
  const place = { host: '127.0.0.1', port: await freePort(), workers }
  const door = await openDoor({ clock: systemClock }, place)
  if (door === null) throw new Error('this Node cannot share a socket')
  const servers: MeasuredServer[] = []
  for (let worker = 0; worker < workers; worker++) {
    servers.push(await startServer('inlet-server.ts', { settings, door: door.fd }))
  }
  return {
    name: `${workers} gateways`,
    port: place.port,
    tls: null,
    async usage() {
      const parts = await Promise.all(servers.map((server) => server.usage()))
      const sum = (pick: (part: (typeof parts)[number]) => number) =>
        parts.reduce((total, part) => total + pick(part), 0)
      return {
        cpuMicros: sum(({ cpuMicros }) => cpuMicros),
        systemMicros: sum(({ systemMicros }) => systemMicros),
        rssBytes: sum(({ rssBytes }) => rssBytes),
      }
    },
    async stop() {
      door.close()
      await Promise.all(servers.map((server) => server.stop()))
    },
  }
}

export async function benchWorkers(): Promise<Row[]> {
  const servers = [await startShared(1), await startShared(2)]
  try {
    const rows: Row[] = []
    for (const { what, ...plan } of plans) {
      for (const [index, { cpu, perSecond, ratio }] of (await takeTurns(servers, plan)).entries()) {
        const name = `${what}, ${index === 0 ? 'one gateway' : 'two gateways'}`
        rows.push({ what: `${name}, CPU an event`, value: cpu, unit: 'us', owed: null })
        rows.push({ what: `${name}, at most`, value: perSecond, unit: 'events/s', owed: null })
        if (index > 0)
          rows.push({ what: `${name} to one`, value: ratio, unit: 'times', owed: null })
      }
    }
    return rows
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
  }
}

if (import.meta.main) {
  const rows = await benchWorkers()
  for (const each of rows) console.log(formatRow(each))
  console.log(JSON.stringify(rows))
}

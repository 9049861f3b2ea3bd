/**
 * A load, as a child process: 64 keep-alive connections that post prepared requests, either as fast
 * as they are answered or at a given rate. At a rate, a latency counts from the moment the request
 * was due, so that a server which falls behind cannot hide it.
 */
import { type ClientTls, type Connection, openConnection } from './load/connection.ts'
import { buildRequests, type RequestPlan } from './load/requests.ts'

export interface LoadPlan extends RequestPlan {
  readonly port: number
  readonly connections: number
  /** Requests a second; null for as many as are answered. */
  readonly rate: number | null
  /** Null for plain HTTP. */
  readonly tls: ClientTls | null
}

export interface LoadResult {
  readonly seconds: number
  /** How often each status was answered; 0 is a closed connection. */
  readonly statuses: Readonly<Record<number, number>>
  readonly p50Ms: number
  readonly p99Ms: number
}

let prepared: { plan: LoadPlan; requests: Buffer[]; connections: Connection[] } | null = null

/** The parent sends a plan, is told `ready`, sends `go` and gets the result. */
process.on('message', (message: LoadPlan | 'go') => {
  void (message === 'go' ? go() : prepare(message)).then((reply) => process.send?.(reply))
})

process.on('disconnect', () => process.exit())

async function prepare(plan: LoadPlan): Promise<'ready'> {
  const { connections, port, tls } = plan
  const opening = Array.from({ length: connections }, () => openConnection(port, tls))
  prepared = { plan, requests: buildRequests(plan), connections: await Promise.all(opening) }
  return 'ready'
}

async function go(): Promise<LoadResult> {
  if (prepared === null) throw new Error('a plan comes first')
  const { plan, requests, connections } = prepared
  const latencies = new Float64Array(requests.length)
  const statuses: Record<number, number> = {}
  const started = performance.now()
  const dueAt = (index: number) =>
    plan.rate === null ? performance.now() : started + (1000 * index) / plan.rate
  let next = 0
  const drive = async (connection: Connection) => {
    while (next < requests.length) {
      const index = next++
      const due = dueAt(index)
      const early = due - performance.now()
      if (early > 1) await new Promise((resolve) => setTimeout(resolve, early))
      const request = requests[index] ?? Buffer.alloc(0)
      const status = await new Promise<number>((resolve) => connection.send(request, resolve))
      latencies[index] = performance.now() - due
      statuses[status] = (statuses[status] ?? 0) + 1
    }
  }
  await Promise.all(connections.map(drive))
  const seconds = (performance.now() - started) / 1000
  for (const connection of connections) connection.close()
  prepared = null
  const sorted = latencies.sort()
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0
  return { seconds, statuses, p50Ms: at(0.5), p99Ms: at(0.99) }
}

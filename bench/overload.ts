/**
 * A minute of three times what a source may deliver, half of it by strangers: what urgent events,
 * the others and strangers are answered and when, what memory it takes, and whether all that was
 * acknowledged is in the journal and nothing is missing in its books.
 *
 *   node bench/overload.ts [seconds]
 *
 * Requests are due at a steady pace whatever is answered, and a latency counts from when one was
 * due. The last line of the output is the figures, for ./bench.ts.
 */
import { createHmac } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqliteLocks } from '../src/core/lock.ts'
import { nodeFiles } from '../src/core/node-files.ts'
import { openSegmentReader } from '../src/journal/segment/reader.ts'
import { type MeasuredServer, startServer } from './children.ts'
import { type Connection, openConnection } from './load/connection.ts'
import { benchPath, benchSecret } from './load/requests.ts'
import { formatRow, type Row } from './row.ts'

const SECONDS = Number(process.argv[2] ?? 60)
const CONNECTIONS = 64
/** What the source may deliver, far less than a gateway can take; three times as much comes. */
const RATE = 500
const OFFERED = 3 * RATE
const source = {
  priorities: { high: ['interaction'], low: ['agentLogin'] },
  rate: { eventsPerSecond: RATE, burst: RATE },
  overload: 'defer',
  deferStatus: 429,
} as const

/** Of six requests three are by strangers, one is urgent and two are not. */
const kinds = ['stranger', 'high', 'stranger', 'low', 'stranger', 'low'] as const
type Kind = (typeof kinds)[number]

interface Answered {
  readonly status: number
  readonly ms: number
}

class Outcomes {
  readonly answers: Record<Kind, Answered[]> = { stranger: [], high: [], low: [] }
  readonly acknowledged = new Set<string>()
  mostBytes = 0
}

export async function benchOverload(): Promise<Row[]> {
  const dir = await mkdtemp(join(tmpdir(), 'inlet-overload-'))
  try {
    const server = await startServer('inlet-server.ts', { settings: { dir, source } })
    const outcomes = await flood(server).finally(() => server.stop())
    return [...latencies(outcomes), ...(await books(dir, outcomes))]
  } finally {
    await rm(dir, { recursive: true })
  }
}

async function flood(server: MeasuredServer): Promise<Outcomes> {
  const outcomes = new Outcomes()
  const opening = Array.from({ length: CONNECTIONS }, () => openConnection(server.port, null))
  const connections = await Promise.all(opening)
  const requests = SECONDS * OFFERED
  const started = performance.now()
  let next = 0
  const drive = async (connection: Connection) => {
    while (next < requests) {
      const index = next++
      const due = started + (1000 * index) / OFFERED
      const early = due - performance.now()
      if (early > 1) await new Promise((resolve) => setTimeout(resolve, early))
      await deliver(connection, { index, due }, outcomes)
    }
  }
  const watching = setInterval(async () => {
    const { rssBytes } = await server.usage()
    outcomes.mostBytes = Math.max(outcomes.mostBytes, rssBytes)
  }, 500)
  await Promise.all(connections.map(drive))
  clearInterval(watching)
  for (const connection of connections) connection.close()
  return outcomes
}

async function deliver(
  connection: Connection,
  { index, due }: { readonly index: number; readonly due: number },
  outcomes: Outcomes,
): Promise<void> {
  const kind = kinds[index % kinds.length] ?? 'stranger'
  const id = `event-${index}`
  const request = requestOf(kind, id)
  const status = await new Promise<number>((resolve) => connection.send(request, resolve))
  outcomes.answers[kind].push({ status, ms: performance.now() - due })
  if (status === 200) outcomes.acknowledged.add(id)
}

function requestOf(kind: Kind, id: string): Buffer {
  const eventType = kind === 'low' ? 'agentLogin' : 'interaction'
  const data = { interactionId: id, text: 'x'.repeat(600) }
  const body = JSON.stringify({ notificationId: id, eventType, data })
  const secret = kind === 'stranger' ? 'a guess' : benchSecret
  const signature = createHmac('sha256', secret).update(body).digest('hex')
  const head = `POST ${benchPath} HTTP/1.1\r\nHost: h\r\nX-Genesys-Signature: ${signature}\r\n`
  return Buffer.from(`${head}Content-Length: ${body.length}\r\n\r\n${body}`)
}

function latencies({ answers, mostBytes }: Outcomes): Row[] {
  const rows = Object.entries(answers).flatMap(([kind, all]) => {
    const counts = Map.groupBy(all, ({ status }) => status)
    const sorted = all.map(({ ms }) => ms).sort((a, b) => a - b)
    const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0
    const shares = [...counts].map(([status, some]) => ({
      ...row(`${kind}, answered ${status}`, (100 * some.length) / all.length, '%'),
    }))
    const times = [0.5, 0.99, 1].map((share) =>
      row(`${kind}, answered within, p${100 * share}`, at(share), 'ms'),
    )
    return [...shares, ...times]
  })
  const memory = row('memory of the gateway, at most', mostBytes / 2 ** 20, 'MiB')
  return [...rows, { ...memory, owed: { atMost: 256 } }]
}

/** What was acknowledged against what the journal holds, and what was refused against its notes. */
async function books(dir: string, { answers, acknowledged }: Outcomes): Promise<Row[]> {
  const deps = { files: nodeFiles, locks: sqliteLocks }
  const reader = await openSegmentReader(deps, { dir, partition: 'gateway-0' })
  if (reader === null) throw new Error('the journal holds nothing')
  const { first, end } = await reader.bounds()
  const missing = new Set(acknowledged)
  const told = { acknowledged: 0, refused: 0 }
  for (let position = first; position < end; ) {
    const records = await reader.read(position, { records: 10_000, bytes: 64 * 2 ** 20 })
    for (const record of records) {
      if (record.kind !== 'entry') continue
      const { entry } = record
      if (entry.kind === 'event') missing.delete(entry.envelope.eventId)
      if (entry.kind !== 'note') continue
      const tally = JSON.parse(entry.detail)
      told.acknowledged += tally.acknowledged
      for (const count of Object.values<number>(tally.refused)) told.refused += count
    }
    position += records.length
  }
  await reader.close()
  const all = Object.values(answers).flat()
  const refused = all.length - acknowledged.size
  return [
    { ...row('acknowledged and not in the journal', missing.size, ''), owed: { atMost: 0 } },
    {
      ...row('acknowledged beside the books', acknowledged.size - told.acknowledged, ''),
      owed: { atMost: 0 },
    },
    { ...row('refused beside the books', refused - told.refused, ''), owed: { atMost: 0 } },
  ]
}

function row(what: string, value: number, unit: string): Row {
  return { what, value, unit, owed: null }
}

if (import.meta.main) {
  const rows = await benchOverload()
  for (const each of rows) console.log(formatRow(each))
  console.log(JSON.stringify(rows))
}

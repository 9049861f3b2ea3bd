/** Far more than can be kept, half of it by strangers, against a journal with a slow disk. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../src/core/clock.ts'
import type { JournalWriter } from '../../src/journal/journal.ts'
import {
  hmacSource,
  overWriter,
  signature,
  startIngress,
  type TestIngress,
} from '../support/ingress.ts'
import { toldMetrics } from '../support/told-metrics.ts'

const priorities = { high: ['interaction'], low: ['agentLogin'] }
const limits = { inFlightSoftBytes: 1500, inFlightHardBytes: 3000, retryAfterSeconds: 3 }
const REQUESTS = 600
const SENDERS = 24

/** More than there is memory for. */
const TOO_MANY = SENDERS - 4

/**
 * Each append waits for its own turn of a disk that needs a millisecond. The first of them wait
 * until there was too much: how fast the machine is says nothing about that.
 */
function slowDisk() {
  const first = Promise.withResolvers<void>()
  let turn: Promise<unknown> = first.promise
  let waiting = 0
  const wrap = (writer: JournalWriter) =>
    overWriter(writer, {
      append(entries) {
        if (++waiting === TOO_MANY) first.resolve()
        turn = turn.then(() => systemClock.sleep(1))
        return turn.then(() => writer.append(entries))
      },
    })
  return { wrap, begin: () => first.resolve() }
}

interface Sent {
  readonly id: string
  readonly kind: 'high' | 'low' | 'stranger'
  readonly status: number
  readonly outcome: string | undefined
  readonly retryAfter: string | null
}

async function send({ url }: TestIngress, index: number): Promise<Sent> {
  const kind = index % 2 === 0 ? 'stranger' : index % 4 === 1 ? 'high' : 'low'
  const id = `event-${index}`
  const eventType = kind === 'low' ? 'agentLogin' : 'interaction'
  const body = JSON.stringify({ notificationId: id, eventType, data: { text: 'x'.repeat(200) } })
  const proof = kind === 'stranger' ? 'f'.repeat(64) : signature(body)
  const headers = { 'X-Genesys-Signature': proof }
  const response = await fetch(`${url}/signed`, { method: 'POST', body, headers })
  const { outcome } = JSON.parse(await response.text())
  return {
    id,
    kind,
    status: response.status,
    outcome,
    retryAfter: response.headers.get('retry-after'),
  }
}

/** Sends all of it from many senders at once; the most bytes that were in flight meanwhile. */
async function flood(
  started: TestIngress,
  onSent: (sent: readonly Sent[]) => void,
): Promise<{ sent: Sent[]; mostInFlight: number }> {
  const sent: Sent[] = []
  let mostInFlight = 0
  let next = 0
  const drive = async () => {
    while (next < REQUESTS) {
      sent.push(await send(started, next++))
      onSent(sent)
      const { inlet_in_flight_bytes: bytes = 0 } = toldMetrics(started.ingress)
      mostInFlight = Math.max(mostInFlight, bytes)
    }
  }
  await Promise.all(Array.from({ length: SENDERS }, drive))
  return { sent, mostInFlight }
}

const count = (sent: readonly Sent[], which: (one: Sent) => boolean) => sent.filter(which).length

for (const overload of ['defer', 'shed'] as const) {
  test(`all that is acknowledged is kept, and the rest is told so: ${overload}`, async () => {
    const rate = { eventsPerSecond: 400, burst: 40 }
    const source = { ...hmacSource, priorities, rate, overload, deferStatus: 429 } as const
    const disk = slowDisk()
    const started = await startIngress({ sources: [source], limits, wrap: disk.wrap })
    try {
      const { sent, mostInFlight } = await flood(started, (sent) => {
        const isShed = overload === 'defer' || sent.some(({ outcome }) => outcome === 'shed')
        if (isShed && sent.some(({ status }) => status === 429)) disk.begin()
      })
      for (const { kind, status, outcome, retryAfter } of sent) {
        if (kind === 'stranger') assert.equal(status, 401)
        else if (status === 429) assert.match(retryAfter ?? '', /^[1-9]$/)
        else assert.ok(outcome === 'stored' || (outcome === 'shed' && kind === 'low'), kind)
      }
      const deferred = count(sent, ({ status }) => status === 429)
      const shed = sent.filter(({ outcome }) => outcome === 'shed')
      assert.ok(deferred > 0, 'nothing had to wait')
      assert.equal(shed.length > 0, overload === 'shed')
      assert.ok(mostInFlight <= limits.inFlightHardBytes, `${mostInFlight} bytes in flight`)

      const stored = sent.filter(({ outcome }) => outcome === 'stored').map(({ id }) => id)
      assert.ok(stored.length > 0)
      const kept = (await started.kept()).flatMap((entry) =>
        entry.kind === 'event' ? entry.envelope.eventId : [],
      )
      assert.deepEqual(kept.sort(), stored.sort())

      await started.ingress.drain(new AbortController().signal)
      const books = await tallied(started)
      assert.deepEqual(books, {
        ...{ acknowledged: stored.length, shed: shed.length, deferred },
        ...{ refused: deferred + count(sent, ({ status }) => status === 401) },
        shedIds: shed.map(({ id }) => id).sort(),
      })
    } finally {
      await started.stop()
    }
  })
}

/** The sums of all tallies in the journal. */
async function tallied({ entries }: TestIngress) {
  const books = { acknowledged: 0, shed: 0, deferred: 0, refused: 0, shedIds: [] as string[] }
  for (const entry of await entries()) {
    if (entry.kind !== 'note') continue
    const { acknowledged, shed, deferred, refused, shedIds } = JSON.parse(entry.detail)
    books.acknowledged += acknowledged
    books.shed += shed
    books.deferred += deferred
    books.refused += Object.values<number>(refused).reduce((sum, n) => sum + n, 0)
    books.shedIds.push(...shedIds)
  }
  books.shedIds.sort()
  return books
}

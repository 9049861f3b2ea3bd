/**
 * Ingress for tests: listening on a free port, over a journal in memory that can be looked into.
 */
import { createHmac } from 'node:crypto'
import type { Clock } from '../../src/core/clock.ts'
import { systemClock } from '../../src/core/clock.ts'
import type { Random } from '../../src/core/random.ts'
import { seededRandom } from '../../src/core/random.ts'
import { createSeenCache } from '../../src/dedup/seen-cache.ts'
import { type Ingress, openIngress } from '../../src/ingress/ingress.ts'
import {
  defaultLimits,
  type IngressLimits,
  type IngressOptions,
  type SourceOptions,
} from '../../src/ingress/options.ts'
import { fixedSecrets } from '../../src/ingress/proofs/live-secrets.ts'
import type { Entry } from '../../src/journal/entry.ts'
import type { JournalWriter } from '../../src/journal/journal.ts'
import { createMemoryJournal } from '../../src/journal/memory-journal.ts'
import type { EventFields, EventName } from '../../src/observe/events.ts'

export const secret = 'a live secret'
export const oldSecret = 'the secret before it'
export const apiKey = 'a live key'

export const hmacSource: SourceOptions = {
  name: 'signed',
  path: '/signed',
  orgId: null,
  dedupGroup: null,
  auth: {
    hmac: {
      header: 'X-Genesys-Signature',
      encoding: 'hex',
      secrets: fixedSecrets(secret, oldSecret),
    },
  },
  recognise: { eventTypes: new Set() },
  bodyLimit: 64 * 1024,
}

export const apiKeySource: SourceOptions = {
  ...hmacSource,
  name: 'keyed',
  path: '/keyed',
  orgId: 'the-configured-org',
  auth: { apiKey: { header: 'X-Api-Key', secrets: fixedSecrets(apiKey) } },
}

export const bothSource: SourceOptions = {
  ...hmacSource,
  name: 'both',
  path: '/both',
  auth: {
    hmac: { header: 'X-Sign', encoding: 'base64', secrets: fixedSecrets(secret) },
    apiKey: { header: 'X-Api-Key', secrets: fixedSecrets(apiKey) },
  },
}

export const openSource: SourceOptions = {
  ...hmacSource,
  name: 'open',
  path: '/open',
  auth: 'none',
}

export function signature(body: string | Uint8Array, key = secret): string {
  return createHmac('sha256', key).update(body).digest('hex')
}

export interface TestIngress {
  readonly ingress: Ingress
  readonly url: string
  readonly port: number
  /** What ingress said. */
  readonly said: { event: EventName; fields: EventFields | undefined }[]
  /** Everything in the journal, tallies too. */
  entries(): Promise<Entry[]>
  /** Everything but notes. */
  kept(): Promise<Entry[]>
  stop(): Promise<void>
}

export interface TestIngressChange {
  readonly sources?: readonly SourceOptions[]
  readonly limits?: Partial<IngressLimits>
  readonly tls?: IngressOptions['tls']
  readonly trustedProxy?: NonNullable<IngressOptions['trustedProxy']>
  readonly clock?: Clock
  readonly random?: Random
  /** Stands between ingress and the journal in memory. */
  readonly wrap?: (writer: JournalWriter) => JournalWriter
}

export async function startIngress(change: TestIngressChange = {}): Promise<TestIngress> {
  const memory = createMemoryJournal({ journalId: 'a-journal', partition: 'gateway-0' })
  const writer = memory.openWriter()
  const said: TestIngress['said'] = []
  const tls = change.tls ?? null
  const ingress = openIngress(
    {
      journal: change.wrap?.(writer) ?? writer,
      seenCache: createSeenCache({ maxBytes: 2 ** 16 }),
      clock: change.clock ?? systemClock,
      random: change.random ?? seededRandom(1),
      observer: (event, fields) => void said.push({ event, fields }),
    },
    {
      host: '127.0.0.1',
      port: 0,
      tls,
      ...(change.trustedProxy && { trustedProxy: change.trustedProxy }),
      healthPath: '/healthz',
      sources: change.sources ?? [hmacSource, apiKeySource, bothSource, openSource],
      limits: { ...defaultLimits, ...change.limits },
    },
  )
  await ingress.start(new AbortController().signal)
  const entries = async () => {
    const records = await memory.openReader().read(0, { records: 1e6, bytes: 1e9 })
    return records.flatMap((record) => (record.kind === 'entry' ? [record.entry] : []))
  }
  const { port } = ingress.address
  return {
    ingress,
    port,
    url: `${tls === null ? 'http' : 'https'}://127.0.0.1:${port}`,
    said,
    entries,
    kept: async () => (await entries()).filter(({ kind }) => kind !== 'note'),
    stop: () => ingress.stop(),
  }
}

/** Idle connections are looked for when the test says so, and not by the clock. */
export function withLooks(keepAliveMs = 1e9): { change: TestIngressChange; look: () => void } {
  let look = () => {}
  const every: Clock['every'] = (ms, task) => {
    if (ms !== keepAliveMs) return systemClock.every(ms, task)
    look = task
    return () => {
      look = () => {}
    }
  }
  const change = { clock: { ...systemClock, every }, limits: { keepAliveMs } }
  return { change, look: () => look() }
}

export async function withIngress(
  change: TestIngressChange,
  use: (started: TestIngress) => Promise<void>,
): Promise<void> {
  const started = await startIngress(change)
  try {
    await use(started)
  } finally {
    await started.stop()
  }
}

/** The writer, with some of its methods replaced. */
export function overWriter(
  writer: JournalWriter,
  changes: Partial<Pick<JournalWriter, 'append' | 'close'>>,
): JournalWriter {
  return {
    journalId: writer.journalId,
    partition: writer.partition,
    get durableEnd() {
      return writer.durableEnd
    },
    append: (entries) => writer.append(entries),
    close: () => writer.close(),
    ...changes,
  }
}

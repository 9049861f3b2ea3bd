/** Puts bodies into requests: most alone, some together, as senders do. */
import type { Random } from '../../core/random.ts'
import { between, chance, pick } from '../centre/draw.ts'
import type { BatchFormat, Expected, Parcel } from './faults.ts'

export interface DeliveredEvent {
  readonly key: string
  /** The exact slice of the request that is this body. */
  readonly bytes: Uint8Array
  readonly expected: Expected
}

/** One request to send. */
export interface Delivery {
  /** Counts from 0. */
  readonly number: number
  readonly source: string
  readonly contentType: string
  readonly body: Uint8Array
  /** Simulated time, ms since the epoch. */
  readonly at: number
  readonly batch: boolean
  readonly events: readonly DeliveredEvent[]
}

export interface Batches {
  /** The share of requests that carry several bodies. */
  readonly share: number
  readonly least: number
  readonly most: number
  readonly formats: readonly BatchFormat[]
}

export const usualBatches: Batches = {
  share: 0.05,
  least: 2,
  most: 20,
  formats: ['array', 'ndjson', 'concatenated'],
}

interface Open {
  readonly format: BatchFormat
  readonly size: number
  readonly parcels: Parcel[]
}

/** A batch waits for its bodies, at most one of each source at a time. Null: no batches. */
export function* packed(
  parcels: Iterable<Parcel>,
  random: Random,
  batches: Batches | null,
): Generator<Delivery, void> {
  const open = new Map<string, Open>()
  let number = 0
  for (const parcel of parcels) {
    const { source } = parcel
    let batch = open.get(source)
    if (batch === undefined && batches !== null && chance(random, batches.share)) {
      const size = between(random, batches.least, batches.most)
      batch = { format: pick(random, batches.formats), size, parcels: [] }
      open.set(source, batch)
    }
    if (batch === undefined || !parcel.fits.includes(batch.format)) {
      yield alone(number++, parcel)
      continue
    }
    batch.parcels.push(parcel)
    if (batch.parcels.length < batch.size) continue
    open.delete(source)
    yield together(number++, batch)
  }
  for (const batch of open.values()) yield* remainder(number++, batch)
}

/** A batch of one would be read as a body by itself, its brackets or newline included. */
function* remainder(number: number, batch: Open): Generator<Delivery> {
  const [only, ...others] = batch.parcels
  if (only !== undefined) yield others.length > 0 ? together(number, batch) : alone(number, only)
}

function alone(number: number, parcel: Parcel): Delivery {
  const { source, at, bytes, key, expected } = parcel
  const events = [{ key, bytes, expected }]
  return {
    number,
    source,
    contentType: 'application/json',
    body: bytes,
    at,
    batch: false,
    events,
  }
}

const writings = {
  array: { open: '[', between: ',', close: ']', contentType: 'application/json' },
  ndjson: { open: '', between: '\n', close: '\n', contentType: 'application/x-ndjson' },
  concatenated: { open: '', between: '', close: '', contentType: 'application/json' },
} as const satisfies Record<BatchFormat, object>

function together(number: number, { format, parcels }: Open): Delivery {
  const writing = writings[format]
  const parts = parcels.flatMap(({ bytes }, index) => [
    Buffer.from(index === 0 ? writing.open : writing.between),
    bytes,
  ])
  return {
    number,
    source: parcels[0]?.source ?? '',
    contentType: writing.contentType,
    body: Buffer.concat([...parts, Buffer.from(writing.close)]),
    at: parcels.at(-1)?.at ?? 0,
    batch: true,
    events: parcels.map(({ key, bytes, expected }) => ({ key, bytes, expected })),
  }
}

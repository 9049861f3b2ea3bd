/**
 * What goes wrong between the platform and a receiver, in seeded measure: deliveries that repeat,
 * come late or cannot be read, and payloads that are not as the schema says.
 *
 * Every told event is still delivered whole at least once, and it stays known what each delivery
 * is. An unreadable one is always an extra delivery, never the only one of an event.
 */
import type { Random } from '../../core/random.ts'
import type { JsonObject, JsonValue } from '../../event/json.ts'
import { isArray, isObject } from '../../event/json.ts'
import { between, chance, pick } from '../centre/draw.ts'
import { type Bend, bendPayload, nulled, numberAsText, retyped, withUnseenField } from './bend.ts'
import { TimeHeap } from './heap.ts'
import type { Told } from './telling.ts'

/** Chances an event, from 0 to 1. */
export interface FaultRates {
  /** Delivered again, the same bytes. */
  readonly repeated: number
  /** Delivered again, the same content in other bytes: order of fields, whitespace. */
  readonly rewritten: number
  /** Its id is used again, for other content. Only in dialects whose events have ids. */
  readonly idReused: number
  /** Delivered up to ten minutes of simulated time late. */
  readonly late: number
  /** Followed by a delivery that is no event: cut off, not UTF-8, or a bare scalar. */
  readonly unreadable: number
  readonly nulled: number
  readonly unseenField: number
  readonly numberAsText: number
  readonly retyped: number
}

export const noFaults: FaultRates = {
  repeated: 0,
  rewritten: 0,
  idReused: 0,
  late: 0,
  unreadable: 0,
  nulled: 0,
  unseenField: 0,
  numberAsText: 0,
  retyped: 0,
}

/** What a receiver must be able to take without losing any fact. */
export const harmlessFaults: FaultRates = {
  ...noFaults,
  repeated: 0.02,
  rewritten: 0.004,
  late: 0.01,
  unreadable: 0.002,
  unseenField: 0.01,
  numberAsText: 0.005,
}

/** Everything at once; facts are lost with nulls, changed types and ids used again. */
export const harshFaults: FaultRates = {
  repeated: 0.08,
  rewritten: 0.04,
  idReused: 0.002,
  late: 0.05,
  unreadable: 0.02,
  nulled: 0.02,
  unseenField: 0.05,
  numberAsText: 0.02,
  retyped: 0.01,
}

/** What a delivered body is. */
export const expectations = ['event', 'duplicate', 'unreadable'] as const
export type Expected = (typeof expectations)[number]

/** How requests of several bodies are written. */
export type BatchFormat = 'array' | 'ndjson' | 'concatenated'

/** One body to deliver, and what it is. */
export interface Parcel {
  readonly at: number
  readonly source: string
  /** What it is known by: the event's id, or an invented name where the receiver derives one. */
  readonly key: string
  readonly bytes: Uint8Array
  readonly expected: Expected
  /**
   * The batches in which it costs no neighbour its boundaries: within damage, a reader trusts only
   * a line that begins like an object to begin another body.
   */
  readonly fits: readonly BatchFormat[]
}

const anywhere: readonly BatchFormat[] = ['array', 'ndjson', 'concatenated']
const second = 1000
const minute = 60 * second

/** In order of time; late and repeated deliveries are held back until theirs has come. */
export function* withFaults(
  told: Iterable<Told>,
  random: Random,
  rates: FaultRates,
): Generator<Parcel, void> {
  const later = new TimeHeap<Parcel>()
  for (const one of told) {
    while ((later.nextAt ?? Number.POSITIVE_INFINITY) <= one.at) yield* popped(later)
    for (const parcel of parcelsOf(one, random, rates)) {
      if (parcel.at <= one.at) yield parcel
      else later.push(parcel.at, parcel)
    }
  }
  while (later.size > 0) yield* popped(later)
}

function* popped(heap: TimeHeap<Parcel>): Generator<Parcel> {
  const parcel = heap.pop()
  if (parcel !== undefined) yield parcel
}

function parcelsOf(told: Told, random: Random, rates: FaultRates): Parcel[] {
  const { rendered, teller } = told
  const value = bent(told, random, rates)
  const text = JSON.stringify(value)
  const first: Parcel = {
    at: chance(random, rates.late) ? told.at + between(random, second, 10 * minute) : told.at,
    source: rendered.dialect,
    key: rendered.eventId ?? `body/${random.uuid()}`,
    bytes: Buffer.from(text),
    expected: 'event',
    fits: anywhere,
  }
  const parcels = [first]
  const again = () => first.at + between(random, 50, 5 * minute)
  if (chance(random, rates.repeated)) parcels.push({ ...first, at: again(), expected: 'duplicate' })
  if (chance(random, rates.rewritten)) {
    const bytes = Buffer.from(rewrite(value))
    parcels.push({ ...first, at: again(), expected: 'duplicate', bytes })
  }
  if (rendered.eventId !== null && chance(random, rates.idReused)) {
    const other = bendPayload(value, revised, { pliable: teller.pliable, random })
    const bytes = Buffer.from(JSON.stringify(other))
    parcels.push({ ...first, at: again(), key: `${first.key}/reused`, bytes })
  }
  if (chance(random, rates.unreadable)) {
    parcels.push({ ...first, at: again(), ...unreadable(text, random) })
  }
  return parcels
}

const bends = [
  ['nulled', nulled],
  ['unseenField', withUnseenField],
  ['numberAsText', numberAsText],
  ['retyped', retyped],
] as const satisfies readonly (readonly [keyof FaultRates, Bend])[]

function bent({ rendered, teller }: Told, random: Random, rates: FaultRates): JsonObject {
  let value = rendered.value
  for (const [name, bend] of bends) {
    if (!chance(random, rates[name])) continue
    value = bendPayload(value, bend, { pliable: teller.pliable, random })
  }
  return value
}

const revised: Bend = (part, _fixed, random) => ({ ...part, revision: 2 + random.below(2 ** 31) })

/** The same content, fields in the opposite order, with whitespace. */
export function rewrite(value: JsonObject): string {
  return JSON.stringify(reversed(value), null, 1).replaceAll('\n', ' ')
}

function reversed(value: JsonValue): JsonValue {
  if (isArray(value)) return value.map(reversed)
  if (!isObject(value)) return value
  const entries = Object.entries(value).map(([name, inner]) => [name, reversed(inner)] as const)
  return Object.fromEntries(entries.reverse())
}

/** `text` must be that of one JSON object without whitespace at its end. */
function unreadable(
  text: string,
  random: Random,
): Pick<Parcel, 'key' | 'bytes' | 'expected' | 'fits'> {
  const whole = Buffer.from(text)
  const named = { key: `unreadable/${random.uuid()}`, expected: 'unreadable' } as const
  const kind = pick(random, ['cut', 'scalar', 'notUtf8'] as const)
  if (kind === 'scalar') {
    return { ...named, bytes: Buffer.from(`"${named.key}"`), fits: ['array'] }
  }
  if (kind === 'notUtf8') {
    const place = text.indexOf('"') + 1
    const bytes = Buffer.concat([whole.subarray(0, place), Buffer.of(0xff), whole.subarray(place)])
    return { ...named, bytes, fits: anywhere }
  }
  return { ...named, bytes: cut(whole, random), fits: ['ndjson'] }
}

/**
 * The first part, at least half, ending in a letter or a digit so that no reader trims it further.
 */
function cut(whole: Buffer, random: Random): Buffer {
  let end = between(random, whole.length >> 1, whole.length - 1)
  while (!/\w/.test(String.fromCharCode(whole[end - 1] ?? 0))) end--
  return whole.subarray(0, end)
}

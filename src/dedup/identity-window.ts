/**
 * The identities of the last days: what the loader asks before it calls an arrival an event.
 *
 * Guarantee: an identity whose event was received after `coversSince` is found. Older ones may have
 * been let go, a slice of the window at a time, because the window has passed them or because
 * `maxBytes` was reached; the caller then looks into the lake.
 */
import type { IdentityKey } from './identity-key.ts'
import {
  BYTES_A_KEY,
  IdentityTable,
  MAX_PARTITIONS,
  type Remembered,
  ROW_WORDS,
} from './identity-table.ts'

const SLICES = 5
const DAY_MS = 86_400_000
/** Rows that are looked for at once; see `IdentityTable.touch`. */
export const ROWS_AT_ONCE = 128

export interface WindowOptions {
  /** Milliseconds. */
  readonly span: number
  readonly maxBytes: number
}

/** One partition of a journal. */
export interface WindowPlace {
  readonly journalId: string
  readonly partition: string
}

interface Slice {
  /** Milliseconds since the epoch; the slice holds what was received from here on. */
  readonly from: number
  readonly table: IdentityTable
}

export class IdentityWindow {
  readonly #options: WindowOptions
  readonly #sliceSpan: number
  readonly #partitions: WindowPlace[] = []
  /** Newest first. */
  #slices: Slice[] = []
  #coversSince = Number.NEGATIVE_INFINITY
  #startKeys = 0
  /** The latest time of receipt that was remembered: what is let go of may be as late. */
  #newest = Number.NEGATIVE_INFINITY
  #touched = 0

  constructor(options: WindowOptions) {
    this.#options = options
    // Whole seconds: a time that is rounded down to one is of the same slice.
    this.#sliceSpan = 1000 * Math.ceil(options.span / SLICES / 1000)
  }

  /** Milliseconds since the epoch; minus infinity while nothing was let go. */
  get coversSince(): number {
    return this.#coversSince
  }

  get size(): number {
    return this.#slices.reduce((sum, slice) => sum + slice.table.size, 0)
  }

  get bytes(): number {
    return this.#slices.reduce((sum, slice) => sum + slice.table.bytes, 0)
  }

  /** In the order of their numbers. */
  get partitions(): readonly WindowPlace[] {
    return this.#partitions
  }

  /** How many identities each slice holds, by when it begins. */
  get sizes(): readonly (readonly [from: number, keys: number])[] {
    return this.#slices.map(({ from, table }) => [from, table.size] as const)
  }

  /** The small number that stands for a partition in what is remembered. */
  partitionIndex(journalId: string, partition: string): number {
    for (const [index, known] of this.#partitions.entries()) {
      if (known.partition === partition && known.journalId === journalId) return index
    }
    if (this.#partitions.length === MAX_PARTITIONS) throw new RangeError('too many partitions')
    return this.#partitions.push({ journalId, partition }) - 1
  }

  partitionOf(index: number): WindowPlace {
    const known = this.#partitions[index]
    if (known === undefined) throw new RangeError(`no partition has the number ${index}`)
    return known
  }

  /** The latest that is remembered, of those received until `until`. */
  get(key: IdentityKey, until = Number.POSITIVE_INFINITY): Remembered | null {
    for (const slice of this.#slices) {
      if (slice.from > until) continue
      const found = slice.table.get(key)
      if (found !== null && found.receivedAt <= until) return found
    }
    return null
  }

  /** Whether anything is remembered under the key of the row at word `from` of `rows`. */
  has(rows: Uint32Array, from: number): boolean {
    for (const { table } of this.#slices) if (table.has(rows, from)) return true
    return false
  }

  /** For the rows between two words of `rows`, which are asked for next; some `ROWS_AT_ONCE`. */
  touch(rows: Uint32Array, from: number, to: number): void {
    for (const { table } of this.#slices) this.#touched |= table.touch(rows, from, to)
  }

  set(key: IdentityKey, value: Remembered): void {
    this.#sliceFor(value.receivedAt)?.table.set(key, value)
  }

  /** Rows one behind the other; a time counts to the end of its second. */
  setRows(rows: Uint32Array): void {
    const step = ROWS_AT_ONCE * ROW_WORDS
    for (let from = 0; from < rows.length; from += step) {
      const to = Math.min(from + step, rows.length)
      const near = this.#sliceFrom(this.#beginOf(endOfSecond(rows, from)))
      this.#touched |= near?.table.touch(rows, from, to) ?? 0
      for (let at = from; at < to; at += ROW_WORDS)
        this.#sliceFor(endOfSecond(rows, at))?.table.setRow(rows, at)
    }
  }

  /** Room for so many identities a slice, as far as there is room; see `sizes`. */
  reserve(sizes: readonly (readonly [from: number, keys: number])[]): void {
    for (const [from, keys] of sizes.toSorted(([a], [b]) => b - a)) {
      if (from + this.#sliceSpan <= this.#coversSince || this.#sliceFrom(from) !== null) continue
      if (!this.#fits(IdentityTable.bytesFor(keys))) return
      this.#slices = [...this.#slices, { from, table: new IdentityTable(keys) }]
    }
  }

  /** About how many identities a day will bring: tables begin with room for them, within bounds. */
  expect(perDay: number): void {
    const perSlice = Math.ceil((perDay * this.#sliceSpan) / DAY_MS)
    this.#startKeys = Math.min(perSlice, this.#options.maxBytes / (4 * BYTES_A_KEY))
  }

  /** For a window that is filled from `time` on although there is something older. */
  startAt(time: number): void {
    this.#coversSince = Math.max(this.#coversSince, time)
  }

  /** Lets go of what the window has passed at `now`. */
  advance(now: number): void {
    for (const slice of this.#slices) {
      if (slice.from + this.#sliceSpan < now - this.#options.span) this.#drop(slice)
    }
  }

  /** Null where the time lies below what is covered: remembering would promise too much. */
  #sliceFor(receivedAt: number): Slice | null {
    this.#newest = Math.max(this.#newest, receivedAt)
    if (receivedAt < this.#coversSince) return null
    const from = this.#beginOf(receivedAt)
    const slice = this.#sliceFrom(from) ?? this.#add(from)
    if (slice === null) return null
    // Doubling a table takes twice its size beside it.
    if (!slice.table.full || this.#makeRoom(from, 2 * slice.table.bytes)) return slice
    // One slice alone takes all there is: what it held is let go, and it begins again from here.
    this.#drop(slice)
    this.#coversSince = this.#newest
    return receivedAt < this.#newest ? null : this.#add(from)
  }

  #beginOf(receivedAt: number): number {
    return Math.floor(receivedAt / this.#sliceSpan) * this.#sliceSpan
  }

  #sliceFrom(from: number): Slice | null {
    for (const slice of this.#slices) if (slice.from === from) return slice
    return null
  }

  /** Null where newer slices take all there is. */
  #add(from: number): Slice | null {
    const smallest = IdentityTable.bytesFor(0)
    if (!this.#makeRoom(from, smallest)) {
      this.#coversSince = Math.max(this.#coversSince, from + this.#sliceSpan)
      return null
    }
    const isRoomy = this.#fits(IdentityTable.bytesFor(this.#startKeys))
    const slice = { from, table: new IdentityTable(isRoomy ? this.#startKeys : 0) }
    this.#slices = [...this.#slices, slice].sort((a, b) => b.from - a.from)
    return slice
  }

  /** Slices older than `from` go until `bytes` more fit, if they can. */
  #makeRoom(from: number, bytes: number): boolean {
    for (const slice of this.#slices.toReversed()) {
      if (this.#fits(bytes)) break
      if (slice.from < from) this.#drop(slice)
    }
    return this.#fits(bytes)
  }

  #fits(bytes: number): boolean {
    return this.bytes + bytes <= this.#options.maxBytes
  }

  #drop(slice: Slice): void {
    this.#slices = this.#slices.filter((kept) => kept !== slice)
    this.#coversSince = Math.max(this.#coversSince, slice.from + this.#sliceSpan)
  }
}

function endOfSecond(rows: Uint32Array, at: number): number {
  return (rows[at + 5] ?? 0) * 1000 + 999
}

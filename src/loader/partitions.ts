/**
 * The partitions of the journal as one loader reads them: opened as they appear, each checked
 * before anything of it is landed, read in turns, trimmed of what is landed.
 *
 * What fails of one partition and may pass (a disk that cannot be read, too many open files) is
 * left to a later round and holds up no other. What cannot pass, a gap or another journal, rejects.
 */
import type { JournalReader } from '../journal/journal.ts'
import { ReadMemory } from '../journal/read-memory.ts'
import { Attempts, type AttemptsDeps } from './attempts.ts'
import { type BatchesRead, readBatches } from './batch.ts'
import type { PartitionBatch } from './places.ts'

export interface PartitionsDeps extends AttemptsDeps {
  /** Partitions that are not open yet. */
  readonly open: (known: ReadonlySet<string>) => Promise<JournalReader[]>
}

/** What the lake knows of a partition. */
export interface LakeView {
  /** Where the lake stands; null when it has never heard of it. */
  readonly txn: (reader: JournalReader) => number | null
  /** See `checkHistory`. */
  readonly check: (reader: JournalReader) => Promise<boolean>
}

export class Partitions {
  readonly #deps: PartitionsDeps
  readonly #commitBytes: number
  readonly #memory = new ReadMemory()
  readonly #reading: Attempts
  readonly #trimming: Attempts
  readonly #readers = new Map<string, JournalReader>()
  readonly #checked = new WeakSet<JournalReader>()
  /** The batch in which each was read last: who was left out longest begins. */
  readonly #turns = new Map<string, number>()
  #batches = 0
  /** Positions that have landed, until the journal has let go of what lies below. */
  readonly #landed = new Map<string, number>()

  constructor(deps: PartitionsDeps, options: { readonly commitBytes: number }) {
    this.#deps = deps
    this.#commitBytes = options.commitBytes
    this.#reading = new Attempts(deps)
    this.#trimming = new Attempts(deps)
  }

  /** Milliseconds until what could not be read is tried again; null where nothing is left out. */
  get retryInMs(): number | null {
    return this.#reading.retryInMs
  }

  get(partition: string): JournalReader | undefined {
    return this.#readers.get(partition)
  }

  async openNew(): Promise<void> {
    const known = new Set(this.#readers.keys())
    const open = () => this.#deps.open(known)
    for (const reader of await this.#reading.attempt('open', open, [])) {
      this.#readers.set(reader.partition, reader)
    }
  }

  /** Has those without a writer tell all that they hold. */
  async settle(): Promise<void> {
    for (const [name, reader] of this.#readers) {
      await this.#reading.attempt(`settle ${name}`, () => reader.settle(), undefined)
    }
  }

  /** The next batch of each, as much as one commit takes. Rejects with what cannot pass. */
  async read(lake: LakeView): Promise<BatchesRead> {
    const read = await readBatches(await this.#sound(lake), {
      clock: this.#deps.clock,
      commitBytes: this.#commitBytes,
      memory: this.#memory,
      txn: lake.txn,
      turn: ({ partition }) => this.#turns.get(partition) ?? 0,
      attempt: (name, task) => this.#reading.attempt(name, task, null),
    })
    this.#batches++
    for (const { partition } of read.batches) this.#turns.set(partition, this.#batches)
    return read
  }

  /** Lets go of what has landed; what cannot be let go of is tried again with a later batch. */
  async trim(batches: readonly PartitionBatch[]): Promise<void> {
    for (const { partition, to } of batches) this.#landed.set(partition, to)
    for (const [partition, to] of this.#landed) {
      const trim = async () => {
        await this.#readers.get(partition)?.trim(to)
        this.#landed.delete(partition)
      }
      await this.#trimming.attempt(`trim ${partition}`, trim, undefined)
    }
  }

  async close(): Promise<void> {
    for (const reader of this.#readers.values()) await reader.close()
    this.#readers.clear()
  }

  /** Those that were found to be what the lake has read, or end before that. */
  async #sound({ check }: LakeView): Promise<JournalReader[]> {
    const sound: JournalReader[] = []
    for (const [name, reader] of this.#readers) {
      if (!this.#checked.has(reader)) {
        const checked = await this.#reading.attempt(`check ${name}`, () => check(reader), null)
        if (checked === null) continue
        if (checked) this.#checked.add(reader)
      }
      sound.push(reader)
    }
    return sound
  }
}

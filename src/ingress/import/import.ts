/**
 * Existing history goes the way of the injected intake.
 *
 * Guarantee: what the report counts is durable. An import that was interrupted is run again as it
 * is: identities decide what is there already, and what says nothing of when it came counts as
 * received when its file was last changed, so that observations are told apart alike each time.
 *
 * Limits: a file that is exchanged for another while it is read gives something of both. What
 * became of each, event or duplicate, is the loader's to say.
 */
import type { Clock } from '../../core/clock.ts'
import { errorText, hasCode } from '../../core/errors.ts'
import type { Entry } from '../../journal/entry.ts'
import type { JournalWriter } from '../../journal/journal.ts'
import type { Reentry } from '../reentry.ts'
import { Cutter } from './cutter.ts'
import { type ImportFormat, unwrap } from './unwrap.ts'

const IMPORTED = 'imported'
/** Bodies that are on their way to the disk together. */
const IN_FLIGHT = 64

export interface ImportFile {
  /** Below what was named. */
  readonly name: string
  readonly size: number
  /** Ms since the epoch. */
  readonly modifiedAt: number
  /** Rejects where what is compressed is damaged. */
  read(): AsyncIterable<Buffer>
}

export interface ImportDeps {
  readonly clock: Clock
  readonly journal: JournalWriter
  readonly reentry: Reentry
}

export interface ImportOptions {
  /** Absolute, or a URL. */
  readonly path: string
  readonly source: string
  readonly format: ImportFormat
  /** Ends it between two bodies; what was begun is finished and told. */
  readonly signal: AbortSignal
  readonly onProgress: (events: number) => void
  /** Told of everything that becomes durable. */
  readonly onEntry: (entry: Entry) => void
}

export interface ImportReport {
  readonly files: number
  /** Made durable as events, new or not. */
  readonly stored: number
  readonly filtered: number
  readonly deadLetters: number
  /** Files that could not be read to their end, and why. */
  readonly failed: readonly { readonly file: string; readonly reason: string }[]
  /** Where all that stands in the journal: `to` is the position behind it. */
  readonly journalId: string
  readonly from: number
  readonly to: number
}

export class HistoryImport {
  readonly #deps: ImportDeps
  readonly #options: ImportOptions
  readonly #failed: { file: string; reason: string }[] = []
  #stored = 0
  #filtered = 0
  #deadLetters = 0

  constructor(deps: ImportDeps, options: ImportOptions) {
    this.#deps = deps
    this.#options = options
  }

  /** Rejects with INL_ING_UNKNOWN_SOURCE. */
  async run(files: readonly ImportFile[]): Promise<ImportReport> {
    const { journal, reentry } = this.#deps
    const from = journal.durableEnd
    reentry.checkSource(this.#options.source)
    try {
      for (const file of files) await this.#importFile(file)
    } finally {
      await reentry.tell()
    }
    const counts = {
      files: files.length,
      stored: this.#stored,
      filtered: this.#filtered,
      deadLetters: this.#deadLetters,
    }
    await journal.append([this.#note(counts)])
    const { journalId, durableEnd: to } = journal
    return { ...counts, failed: this.#failed, journalId, from, to }
  }

  async #importFile(file: ImportFile): Promise<void> {
    const { signal, format, onProgress } = this.#options
    const flight = new Flight()
    try {
      for await (const body of bodiesOf(file)) {
        for (const part of unwrap(body, format)) {
          signal.throwIfAborted()
          flight.add(this.#take(file, part))
          await flight.below(IN_FLIGHT)
        }
        // A body is some MiB: one more is read while it is on its way, not all of them.
        await flight.below(2)
        onProgress(this.#stored + this.#filtered + this.#deadLetters)
      }
      await flight.below(1)
    } catch (error) {
      await flight.settled()
      signal.throwIfAborted()
      if (!isOfFile(error)) throw error
      this.#failed.push({ file: file.name, reason: errorText(error) })
    }
  }

  async #take(
    { name, modifiedAt }: ImportFile,
    { body, receivedAt }: { body: Uint8Array; receivedAt: number | null },
  ): Promise<void> {
    const { clock, reentry } = this.#deps
    const receipt = await reentry.take({
      source: this.#options.source,
      sender: 'import',
      headers: JSON.stringify({ 'import-file': name }),
      body,
      receivedAt: Math.min(receivedAt ?? modifiedAt, clock.now()),
      keepAs: (entry) => {
        this.#options.onEntry(entry)
        return entry
      },
    })
    this.#stored += receipt.stored
    this.#filtered += receipt.filtered
    this.#deadLetters += receipt.quarantined
  }

  #note(counts: object) {
    const { path, source, format } = this.#options
    const detail = JSON.stringify({ path, format, ...counts, failed: this.#failed.length })
    const receivedAt = this.#deps.clock.now()
    return { kind: 'note' as const, source, receivedAt, reason: IMPORTED, detail }
  }
}

/** What is on its way. The first failure is thrown to whoever waits next. */
class Flight {
  readonly #all = new Set<Promise<void>>()
  #failure: { readonly error: unknown } | null = null

  add(task: Promise<void>): void {
    const told = task
      .catch((error: unknown) => {
        this.#failure ??= { error }
      })
      .finally(() => this.#all.delete(told))
    this.#all.add(told)
  }

  /** Resolves once fewer than `most` are on their way. */
  async below(most: number): Promise<void> {
    while (this.#all.size >= most) await Promise.race(this.#all)
    if (this.#failure !== null) throw this.#failure.error
  }

  async settled(): Promise<void> {
    await Promise.all(this.#all)
  }
}

async function* bodiesOf(file: ImportFile): AsyncGenerator<Buffer> {
  const cutter = new Cutter()
  for await (const bytes of file.read()) yield* cutter.push(bytes)
  yield* cutter.end()
}

/** What another file does not meet: it is unreadable, damaged, or holds what no record may. */
function isOfFile(error: unknown): boolean {
  if (hasCode(error, 'INL_JRN_ENTRY_SIZE')) return true
  return error instanceof Error && 'code' in error && !String(error.code).startsWith('INL_')
}

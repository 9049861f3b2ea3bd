/**
 * Existing history goes the way of the injected intake, into the partition `import`.
 *
 * Guarantee: what the report counts is durable. An import that was interrupted is run again as it
 * is: identities decide what is there already, and what says nothing of when it came counts as
 * received when its file was last changed, so that observations are told apart alike each time.
 * While the journal is full it waits for the loader.
 *
 * Limits: a file that is exchanged for another while it is read gives something of both. What
 * became of each, event or duplicate, is the loader's to say: see `landedOf`.
 */
import { errorText, hasCode } from '../../core/errors.ts'
import { Reentry } from '../../ingress/reentry.ts'
import type { JournalWriter } from '../../journal/journal.ts'
import { patientWriter } from '../../journal/patient-writer.ts'
import type { Config } from '../config/schema.ts'
import type { Machine } from '../machine.ts'
import { withPartition } from '../operator-journal.ts'
import { sourceRules } from '../source-rules.ts'
import { Cutter } from './cutter.ts'
import { type ImportFile, withImportFiles } from './files.ts'
import { type ImportFormat, unwrap } from './unwrap.ts'

export const importPartition = 'import'
export const IMPORTED = 'imported'
/** Bodies that are on their way to the disk together. */
const IN_FLIGHT = 64

export interface ImportRequest {
  /** Absolute, or a URL. */
  readonly path: string
  readonly source: string
  readonly format: ImportFormat
  /** Ends it between two bodies; what was begun is finished and told. */
  readonly signal: AbortSignal
  readonly onProgress: (events: number) => void
  /** Told while it waits for room in the journal, and what was found damaged there. */
  readonly report: (text: string) => void
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

/** Rejects with INL_ING_UNKNOWN_SOURCE, and INL_APP_PARTITION_BUSY while another import runs. */
export function importHistory(
  machine: Machine,
  config: Config,
  request: ImportRequest,
): Promise<ImportReport> {
  const { path, signal, report: onFull } = request
  const at = { config, partition: importPartition, report: onFull }
  return withImportFiles(machine, { config, path }, (files) =>
    withPartition(machine, at, (writer) => {
      const journal = patientWriter(writer, { clock: machine.clock, signal, onFull })
      const rules = config.sources.map((source) => sourceRules(source, config))
      const deps = { ...machine, journal, observer: () => undefined }
      return new Import(deps, request, new Reentry(deps, rules)).run(files)
    }),
  )
}

class Import {
  readonly #deps: Machine & { readonly journal: JournalWriter }
  readonly #request: ImportRequest
  readonly #reentry: Reentry
  readonly #failed: { file: string; reason: string }[] = []
  #stored = 0
  #filtered = 0
  #deadLetters = 0

  constructor(
    deps: Machine & { readonly journal: JournalWriter },
    request: ImportRequest,
    reentry: Reentry,
  ) {
    this.#deps = deps
    this.#request = request
    this.#reentry = reentry
  }

  async run(files: readonly ImportFile[]): Promise<ImportReport> {
    const { journal } = this.#deps
    const from = journal.durableEnd
    this.#reentry.checkSource(this.#request.source)
    try {
      for (const file of files) await this.#importFile(file)
    } finally {
      await this.#reentry.tell()
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
    const { signal, format, onProgress } = this.#request
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
    const now = this.#deps.clock.now()
    const receipt = await this.#reentry.take({
      source: this.#request.source,
      sender: 'import',
      headers: JSON.stringify({ 'import-file': name }),
      body,
      receivedAt: Math.min(receivedAt ?? modifiedAt, now),
    })
    this.#stored += receipt.stored
    this.#filtered += receipt.filtered
    this.#deadLetters += receipt.quarantined
  }

  #note(counts: object) {
    const { path, source, format } = this.#request
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

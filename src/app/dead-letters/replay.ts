/**
 * Dead letters go through the road again, under the rules that their source has today.
 *
 * Guarantee: what a letter holds is durable, in the partition `replay`, before the note that says
 * so. Whatever happens between the two, and however often a letter is replayed, each of its events
 * is in the lake once: they keep their bytes, their ids and the time that they first came, and the
 * loader tells what is there already. What fails again is a dead letter of its own, linked to this
 * one, and counts its attempts on; one that has had as many as are allowed is left alone.
 *
 * One replay runs at a time: the partition's lock is taken before letters are chosen. `replay` is
 * also what runs after something was mended by another command, such as the approval of a schema.
 */
import type { SourceRules } from '../../ingress/reentry.ts'
import { Reentry, type Returning } from '../../ingress/reentry.ts'
import { replayPartition } from '../../journal/command-partitions.ts'
import type { JournalWriter } from '../../journal/journal.ts'
import { patientWriter } from '../../journal/patient-writer.ts'
import {
  findOpen,
  type LetterBooks,
  type LetterFilter,
  readBodies,
} from '../../loader/dead-letters/find-letters.ts'
import { type DeadLetter, linked, replayedNote } from '../../loader/dead-letters/letter.ts'
import type { Config } from '../config/schema.ts'
import type { Machine } from '../machine.ts'
import { withPartition } from '../operator-journal.ts'
import { sourceRules } from '../source-rules.ts'
import { withLetterBooks } from './books.ts'

/** Attempts of a letter, unless it is asked for more. */
export const REPLAY_ATTEMPTS = 5
/** Letters that one replay takes; another goes on behind them. */
const MOST_LETTERS = 100_000
/** What is on its way to the disk at once. */
const WINDOW = { letters: 256, bytes: 4 * 2 ** 20 }

export interface ReplayRequest {
  /** Of those that are open. */
  readonly filter: LetterFilter
  readonly attempts: number
  /** Chooses, and replays nothing. */
  readonly dryRun: boolean
  /** Ends it between two letters; what was begun is finished and told. */
  readonly signal: AbortSignal
  readonly onProgress: (done: number, of: number) => void
  /** Told while it waits for room in the journal, and what was found damaged there. */
  readonly report: (text: string) => void
}

export type SkipReason = 'not_open' | 'no_body' | 'no_source' | 'source_unknown' | 'attempts'

/** `events`, `filtered` and `deadLetters` are what the replayed letters hold. */
export interface ReplayReport {
  readonly dryRun: boolean
  readonly replayed: number
  readonly events: number
  readonly filtered: number
  readonly deadLetters: number
  readonly skipped: readonly { readonly id: string; readonly why: SkipReason }[]
}

/** Rejects with INL_APP_PARTITION_BUSY while another replay runs. */
export function replayDeadLetters(
  machine: Machine,
  config: Config,
  request: ReplayRequest,
): Promise<ReplayReport> {
  const at = { config, partition: replayPartition, report: request.report }
  return withPartition(machine, at, (writer) =>
    withLetterBooks(machine, config, async (books) => {
      const { signal, report: onFull } = request
      const journal = patientWriter(writer, { clock: machine.clock, signal, onFull })
      const rules = config.sources.map((source) => sourceRules(source, config))
      const replay = new Replay({ ...machine, journal, books }, { ...request, rules })
      return replay.run()
    }),
  )
}

interface RunDeps extends Machine {
  readonly journal: JournalWriter
  readonly books: LetterBooks | null
}

class Replay {
  readonly #deps: RunDeps
  readonly #request: ReplayRequest
  readonly #reentry: Reentry
  readonly #skipped: { id: string; why: SkipReason }[] = []
  #replayed = 0
  #events = 0
  #filtered = 0
  #deadLetters = 0

  constructor(deps: RunDeps, request: ReplayRequest & { readonly rules: readonly SourceRules[] }) {
    this.#deps = deps
    this.#request = request
    // Nothing is refused here, which is all that an observer would be told.
    this.#reentry = new Reentry({ ...deps, observer: () => undefined }, request.rules)
  }

  async run(): Promise<ReplayReport> {
    const { filter, dryRun, signal, onProgress } = this.#request
    const chosen = await this.#choose(filter)
    if (dryRun) this.#replayed = chosen.length
    try {
      for (const window of dryRun ? [] : windowsOf(chosen)) {
        if (signal.aborted) throw signal.reason
        await this.#replayAll(window)
        onProgress(this.#replayed, chosen.length)
      }
    } finally {
      await this.#reentry.tell()
    }
    return {
      dryRun,
      replayed: this.#replayed,
      events: this.#events,
      filtered: this.#filtered,
      deadLetters: this.#deadLetters,
      skipped: this.#skipped,
    }
  }

  /** The letters to replay, the oldest first; why the others are not is kept. */
  async #choose(filter: LetterFilter): Promise<DeadLetter[]> {
    const found = await findOpen(this.#deps.books, filter, MOST_LETTERS)
    for (const id of found.missing) this.#skipped.push({ id, why: 'not_open' })
    return found.letters.filter((letter) => {
      const why = this.#whyNot(letter)
      if (why !== null) this.#skipped.push({ id: letter.id, why })
      return why === null
    })
  }

  #whyNot({ source, bodySha256, attempts }: DeadLetter): SkipReason | null {
    if (source === null) return 'no_source'
    if (bodySha256 === null) return 'no_body'
    if (!this.#reentry.knows(source)) return 'source_unknown'
    return attempts >= this.#request.attempts ? 'attempts' : null
  }

  async #replayAll(letters: readonly DeadLetter[]): Promise<void> {
    const { books } = this.#deps
    if (books === null) return
    const bodies = await readBodies(books, letters)
    const replays = letters.map((letter) => this.#replay(letter, bodies.get(letter.id)))
    const failed = (await Promise.allSettled(replays)).find(({ status }) => status === 'rejected')
    if (failed?.status === 'rejected') throw failed.reason
  }

  async #replay(letter: DeadLetter, body: Uint8Array | undefined): Promise<void> {
    if (body === undefined) {
      this.#skipped.push({ id: letter.id, why: 'no_body' })
      return
    }
    const { journal, clock } = this.#deps
    const attempt = letter.attempts + 1
    const { stored, quarantined, filtered } = await this.#reentry.take({
      source: letter.source ?? '',
      sender: letter.sender ?? '',
      headers: letter.headers ?? '{}',
      body,
      receivedAt: letter.receivedAt,
      form: formOf(letter),
      keepAs: (entry) => linked(entry, letter, attempt),
    })
    const replayed = { attempt, stored, quarantined, filtered }
    await journal.append([replayedNote(letter, replayed, clock.now())])
    this.#replayed++
    this.#events += stored
    this.#filtered += filtered
    this.#deadLetters += quarantined
  }
}

/** What stands in a letter, by why it is one. */
function formOf({ reason }: DeadLetter): NonNullable<Returning['form']> {
  if (reason === 'invalid_firehose') return 'request'
  return reason === 'invalid_record' ? 'firehose-record' : 'events'
}

/** As many as may be on their way together, one at least. */
function* windowsOf(letters: readonly DeadLetter[]): Generator<DeadLetter[]> {
  let window: DeadLetter[] = []
  let bytes = 0
  for (const letter of letters) {
    const isFull = window.length >= WINDOW.letters || bytes + letter.bytes > WINDOW.bytes
    if (window.length > 0 && isFull) {
      yield window
      window = []
      bytes = 0
    }
    window.push(letter)
    bytes += letter.bytes
  }
  if (window.length > 0) yield window
}

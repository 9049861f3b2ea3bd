/**
 * The way in beside the door: what an operator replays or imports, what a back-fill fetches.
 *
 * Guarantee: that of the intake. The same bytes are cut, recognised, filtered and bound to their
 * organisation by the rules that their source has today, and are durable when `take` resolves. They
 * keep the sender, the headers and the time that they first came with. What is counted becomes
 * tallies in the same partition, so that the books hold for it too.
 *
 * Nobody proves anything here: whoever may write to the journal may do this. There is no rate, no
 * shedding and no seen-cache: the loader decides what is there already.
 *
 * Limits: what a process had not told when it was killed counts as acknowledged (`loader/untold`).
 */
import { hasCode, InletError } from '../core/errors.ts'
import type { SeenScope } from '../dedup/seen-cache.ts'
import type { Entry } from '../journal/entry.ts'
import type { Measured, Reading } from '../observe/metrics.ts'
import { openFilter } from './accept.ts'
import { candidatesOf } from './candidates.ts'
import { type Delivery, Intake, type IntakeSource, type Receipt } from './intake.ts'
import type { SourceOptions } from './options.ts'
import { takeFirehoseRecord } from './protocols/firehose.ts'
import { protocolOf, type Spoken } from './protocols/spoken.ts'
import { readStored } from './stored-headers.ts'
import { Tallies, type TallyDeps } from './tallies.ts'
import { Tally } from './tally.ts'

/** What a source means for its events, whoever delivers them. */
export type SourceRules = Pick<
  SourceOptions,
  'name' | 'orgId' | 'dedupGroup' | 'recognise' | 'accept' | 'speaks'
>

/** What comes in again, or late. */
export interface Returning {
  /** The name of a source; see `knows`. */
  readonly source: string
  readonly sender: string
  /** The text of a JSON object. */
  readonly headers: string
  readonly body: Uint8Array
  /** When it first came, ms since the epoch; left out: now. */
  readonly receivedAt?: number
  /** What `body` is: left out, events. `request`: whatever its source posts. */
  readonly form?: 'events' | 'request' | 'firehose-record'
  /** What is appended in the place of an entry: the same, with more told of it. */
  readonly keepAs?: (entry: Entry) => Entry
}

/** A delivery of 64 MiB of the smallest notifications. */
const BATCH_EVENTS = 500_000
const TELL_EVERY_MS = 10_000

interface Known {
  readonly intake: IntakeSource
  readonly speaks: Spoken
  readonly tally: Tally
}

export class Reentry implements Measured {
  readonly #deps: TallyDeps
  readonly #sources: ReadonlyMap<string, Known>
  readonly #tallies: Tallies
  #toldAt: number

  constructor(deps: TallyDeps, sources: readonly SourceRules[]) {
    const now = deps.clock.now()
    this.#deps = deps
    this.#sources = new Map(sources.map((rules) => [rules.name, known(rules, now)]))
    this.#tallies = new Tallies(
      deps,
      [...this.#sources.values()].map(({ tally }) => tally),
    )
    this.#toldAt = deps.clock.elapsed()
  }

  /** Whether the configuration has the source. */
  knows(source: string): boolean {
    return this.#sources.has(source)
  }

  /** Throws INL_ING_UNKNOWN_SOURCE. */
  checkSource(source: string): void {
    if (!this.knows(source)) throw new InletError('INL_ING_UNKNOWN_SOURCE', { source })
  }

  /** Whether anything of a body that brings events would be taken. */
  wants({ source: name, body }: Pick<Returning, 'source' | 'body'>): boolean {
    this.checkSource(name)
    const source = this.#sources.get(name)
    return source !== undefined && candidatesOf(body, source.intake, BATCH_EVENTS).wanted.length > 0
  }

  /**
   * May be called again before it has resolved. Rejects with INL_ING_UNKNOWN_SOURCE, and with what
   * the journal says.
   */
  async take(returning: Returning): Promise<Receipt> {
    const { source: name, sender, headers, body, receivedAt, form = 'events' } = returning
    const source = this.#sources.get(name)
    if (source === undefined) throw new InletError('INL_ING_UNKNOWN_SOURCE', { source: name })
    const { journal, clock } = this.#deps
    const { keepAs = (entry) => entry } = returning
    const through = { append: (entries: readonly Entry[]) => journal.append(entries.map(keepAs)) }
    const intake = new Intake({ journal: through, clock }, { batchEvents: BATCH_EVENTS })
    const delivery = {
      ...{ source: source.intake, sender, headers, body },
      ...(receivedAt !== undefined && { receivedAt }),
    }
    const takes = {
      events: () => intake.take(delivery),
      request: () => protocolOf(source.speaks, readStored(headers), clock).take(intake, delivery),
      'firehose-record': () => takeFirehoseRecord(intake, delivery),
    }
    const receipt = await takes[form]().catch((error: unknown) =>
      wholeIfTooMany(intake, delivery, error),
    )
    source.tally.acknowledge(receipt)
    await this.#tellNowAndThen()
    return receipt
  }

  measure(reading: Reading): void {
    for (const { tally } of this.#sources.values()) tally.measure(reading)
  }

  /** Writes the tallies of all that was taken. */
  tell(): Promise<void> {
    return this.#tallies.writeAll()
  }

  async #tellNowAndThen(): Promise<void> {
    const now = this.#deps.clock.elapsed()
    if (now - this.#toldAt < TELL_EVERY_MS) return
    this.#toldAt = now
    await this.#tallies.write()
  }
}

function wholeIfTooMany(intake: Intake, delivery: Delivery, error: unknown): Promise<Receipt> {
  if (!hasCode(error, 'INL_ING_BATCH_SIZE')) throw error
  const detail = `the body holds ${error.details['events']} events`
  return intake.takeUnreadable(delivery, { reason: 'too_many_events', detail })
}

const unseen: SeenScope = { find: () => null, add: () => undefined }

function known(rules: SourceRules, now: number): Known {
  const { name, orgId, recognise, accept, speaks = 'either' } = rules
  const filter = accept === undefined ? null : openFilter(accept)
  const admission = { admit: () => 'take' as const }
  const intake = { name, orgId, recognise, filter, admission, seen: unseen }
  return { intake, speaks, tally: new Tally(name, now) }
}

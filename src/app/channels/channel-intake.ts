/**
 * What comes over channels, on its way into the journal: by the same intake as everything else.
 *
 * Guarantee: nothing is let go of. A channel cannot be told to send something again; so what waits
 * for the disk is held, and beyond `MOST_WAITING_BYTES` the channels are paused, so that it waits
 * in the network. What a crash takes of it lies behind `provenUntil`.
 */
import type { Clock } from '../../core/clock.ts'
import type { ChannelGap } from '../../genesys/channels/channel-group.ts'
import type { Reentry } from '../../ingress/reentry.ts'
import type { JournalWriter } from '../../journal/journal.ts'
import { type GapNoteFacts, gapNote } from './gap-note.ts'

const MOST_WAITING_BYTES = 32 * 2 ** 20

export interface ChannelIntakeDeps {
  readonly clock: Clock
  readonly journal: JournalWriter
  readonly reentry: Reentry
  /** Lets nothing more in, or lets it in again. */
  readonly onFull: (isFull: boolean) => void
  /** The journal takes nothing, and that is not for want of room. */
  readonly onFailure: (error: unknown) => void
}

export class ChannelIntake {
  readonly #deps: ChannelIntakeDeps
  /** What is not durable yet, in order: since when it has to be. */
  readonly #waiting = new Set<{ readonly since: number }>()
  #bytes = 0
  #isFull = false
  #hasFailed = false

  constructor(deps: ChannelIntakeDeps) {
    this.#deps = deps
  }

  take(from: GapNoteFacts & { readonly channel: string }, body: Buffer): void {
    const { clock, reentry } = this.#deps
    const { source, channel } = from
    const receivedAt = clock.now()
    const returning = { source, sender: `channel:${channel}`, headers: '{}', body, receivedAt }
    this.#keep(reentry.take(returning), { since: receivedAt, bytes: body.length })
  }

  tell(gap: ChannelGap, facts: GapNoteFacts): void {
    const appended = this.#deps.journal.append([gapNote(gap, facts)])
    this.#keep(appended, { since: gap.from, bytes: 0 })
  }

  /** `at`, or when the oldest came that is not durable, if that is earlier. */
  provenUntil(at: number): number {
    let oldest = at
    for (const { since } of this.#waiting) oldest = Math.min(oldest, since)
    return oldest
  }

  /** Resolves once all is durable that was taken, or when it cannot be or `deadline` aborts. */
  async settle(deadline: AbortSignal): Promise<void> {
    while (this.#waiting.size > 0 && !this.#hasFailed && !deadline.aborted)
      await this.#deps.clock.sleep(5)
    await this.#deps.reentry.tell()
  }

  #keep(durable: Promise<unknown>, { since, bytes }: { since: number; bytes: number }): void {
    const one = { since }
    this.#waiting.add(one)
    this.#count(bytes)
    durable.then(
      () => {
        this.#waiting.delete(one)
        this.#count(-bytes)
      },
      // It stays among what waits: nothing behind it is proven.
      (error: unknown) => {
        this.#hasFailed = true
        this.#deps.onFailure(error)
      },
    )
  }

  #count(bytes: number): void {
    this.#bytes += bytes
    const isFull = this.#bytes > (this.#isFull ? MOST_WAITING_BYTES / 2 : MOST_WAITING_BYTES)
    if (isFull === this.#isFull) return
    this.#isFull = isFull
    this.#deps.onFull(isFull)
  }
}

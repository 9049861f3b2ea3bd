/**
 * The channels of one organisation, kept open: carries out what ./slot.ts decides for each.
 *
 * Guarantee: every moment of every topic is either one in which a verified connection was open, or
 * within a gap that is told (`onGap`) or still open (`provenAt`). Channels are opened and exchanged
 * a few at a time, so that Genesys never takes one away for another.
 */
import { type Backoff, backoffDelay } from '../../core/backoff.ts'
import type { Clock } from '../../core/clock.ts'
import type { Lifecycle } from '../../core/lifecycle.ts'
import type { Random } from '../../core/random.ts'
import type { Observer } from '../../observe/events.ts'
import type { Measured, Reading } from '../../observe/metrics.ts'
import type { GenesysClient } from '../client.ts'
import { type Channel, type Link, openLink, type Rejected } from './link.ts'
import { MOST_CHANNELS } from './plan.ts'
import { type Effect, type Gap, isLive, newSlot, type Slot, type SlotEvent, step } from './slot.ts'

const TICK_MS = 1000
/** What is still on its way over a connection that another has taken the place of. */
const OVERLAP_MS = 30_000
const pauses: Backoff = { baseMs: 1000, maxMs: 60_000 }

/** A gap of one channel. */
export interface ChannelGap extends Gap {
  /** Such as `prod/2`. */
  readonly channel: string
  readonly topics: readonly string[]
}

export interface GroupDeps {
  readonly client: GenesysClient
  readonly clock: Clock
  readonly random: Random
  readonly observer: Observer
  /** Takes a message as it came. */
  readonly onEvent: (channel: string, bytes: Buffer) => void
  readonly onGap: (gap: ChannelGap) => void
}

export interface GroupOptions {
  /** Of each channel; none where that is not known yet (`change`). */
  readonly topics: readonly (readonly string[])[]
  /** When all of them were last live, in an earlier process, or are first asked for. */
  readonly provenAt: number
}

interface Kept {
  readonly name: string
  topics: readonly string[]
  slot: Slot
  channel: Channel | null
  rejected: readonly Rejected[]
  readonly links: Map<number, Link>
}

export class ChannelGroup implements Lifecycle, Measured {
  readonly name: string
  readonly org: string
  readonly #deps: GroupDeps
  readonly #kept: Kept[] = []
  /** Up to when all was known to have come before there is any channel. */
  readonly #provenBefore: number
  readonly #stopping = new AbortController()
  #running: Promise<void> | null = null
  #retiring = 0
  #isPaused = false
  #events = 0
  #gaps = 0

  constructor(deps: GroupDeps, { topics, provenAt }: GroupOptions) {
    this.#deps = deps
    this.org = deps.client.org
    this.name = `channels of ${this.org}`
    this.#provenBefore = provenAt
    for (const own of topics) this.#add(own, provenAt)
  }

  async start(): Promise<void> {
    this.#running ??= this.#run()
  }

  async drain(): Promise<void> {
    this.#stopping.abort(new Error('the channels are stopping'))
    await this.#running
    for (const { links } of this.#kept) for (const link of links.values()) link.close()
  }

  async stop(): Promise<void> {
    await this.drain()
  }

  /** Up to when every channel is known to have been open. */
  get provenAt(): number {
    if (this.#kept.length === 0) return this.#provenBefore
    return Math.min(...this.#kept.map(({ slot }) => slot.gap?.from ?? slot.provenAt))
  }

  /**
   * Has each channel carry other topics, a few channels at a time and without a gap, and opens
   * those that there are more of.
   */
  change(topics: readonly (readonly string[])[]): void {
    for (const [index, kept] of this.#kept.entries()) {
      const own = topics[index] ?? []
      if (own.join() === kept.topics.join()) continue
      kept.topics = own
      this.#step(kept, { kind: 'changed' })
    }
    const since = this.#kept.length === 0 ? this.#provenBefore : this.#deps.clock.now()
    for (const own of topics.slice(this.#kept.length)) this.#add(own, since)
  }

  #add(topics: readonly string[], provenAt: number): void {
    this.#kept.push({
      name: `${this.org}/${this.#kept.length}`,
      topics,
      slot: newSlot(provenAt),
      channel: null,
      rejected: [],
      links: new Map(),
    })
  }

  /** Lets nothing more in until `resume`. */
  pause(): void {
    this.#isPaused = true
    for (const { links } of this.#kept) for (const link of links.values()) link.pause()
  }

  resume(): void {
    this.#isPaused = false
    for (const { links } of this.#kept) for (const link of links.values()) link.resume()
  }

  measure(reading: Reading): void {
    const { org } = this.#deps.client
    const live = this.#kept.filter(({ slot }) => isLive(slot))
    reading.number('inlet_channels', live.length, { org, outcome: 'live' })
    reading.number('inlet_channels', this.#kept.length - live.length, { org, outcome: 'down' })
    const rejected = this.#kept.reduce((sum, one) => sum + one.rejected.length, 0)
    reading.number('inlet_channel_topics_rejected', rejected, { org })
    reading.number('inlet_channel_events_total', this.#events, { org })
    reading.number('inlet_channel_gaps_total', this.#gaps, { org })
  }

  async #run(): Promise<void> {
    const { clock } = this.#deps
    const { signal } = this.#stopping
    while (!signal.aborted) {
      for (const kept of this.#kept) this.#step(kept, { kind: 'tick', mayRotate: this.#isRoom() })
      await clock.sleep(TICK_MS, signal).catch(() => undefined)
    }
  }

  /** For a channel beside those that are open. */
  #isRoom(): boolean {
    const rotating = this.#kept.filter(({ slot }) => slot.next !== null).length
    return this.#kept.length + rotating + this.#retiring < MOST_CHANNELS
  }

  #step(kept: Kept, event: SlotEvent): void {
    if (this.#stopping.signal.aborted) return
    const { clock, random } = this.#deps
    const pauseAfter = (failures: number) => backoffDelay(pauses, failures, random)
    const { slot, effects } = step(kept.slot, event, {
      elapsed: clock.elapsed(),
      now: clock.now(),
      pauseAfter,
    })
    kept.slot = slot
    for (const effect of effects) this.#do(kept, effect)
  }

  #do(kept: Kept, effect: Effect): void {
    switch (effect.kind) {
      case 'open':
        this.#open(kept, effect.link, effect.isNew)
        break
      case 'ping':
        kept.links.get(effect.link)?.ping()
        break
      case 'retire':
        void this.#retire(kept, effect.link)
        break
      case 'drop':
        this.#close(kept, effect.link)
        break
      case 'gap':
        this.#tellGap(kept, effect.gap)
        break
    }
  }

  #open(kept: Kept, link: number, isNew: boolean): void {
    const { name, topics, links } = kept
    const channel = isNew ? null : kept.channel
    const opened = openLink(
      this.#deps,
      { topics, channel },
      {
        onMessage: (bytes, kind) => {
          // What comes behind the last proof is in the gap that the next start tells.
          if (this.#stopping.signal.aborted) return
          this.#step(kept, { kind: 'heard', link })
          if (kind === 'closing') this.#step(kept, { kind: 'closing', link })
          if (kind !== 'event') return
          this.#events++
          this.#deps.onEvent(name, bytes)
        },
        onVerified: (verified, rejected, bornAt) => {
          kept.channel = verified
          this.#tellRejected(kept, rejected)
          this.#step(kept, { kind: 'verified', link, bornAt })
        },
        onLost: (reason, detail) => {
          links.delete(link)
          const { slot } = kept
          if (link === slot.link || link === slot.next)
            this.#deps.observer('channel_lost', { channel: name, reason, detail })
          this.#step(kept, { kind: 'lost', link, reason })
        },
      },
    )
    if (this.#isPaused) opened.pause()
    links.set(link, opened)
  }

  async #retire(kept: Kept, link: number): Promise<void> {
    this.#retiring++
    await this.#deps.clock.sleep(OVERLAP_MS, this.#stopping.signal).catch(() => undefined)
    this.#retiring--
    this.#close(kept, link)
  }

  #close({ links }: Kept, link: number): void {
    links.get(link)?.close()
    links.delete(link)
  }

  #tellGap({ name, topics }: Kept, gap: Gap): void {
    this.#gaps++
    const seconds = Math.round((gap.to - gap.from) / 1000)
    this.#deps.observer('channel_gap', { channel: name, reason: gap.reason, seconds })
    this.#deps.onGap({ ...gap, channel: name, topics })
  }

  #tellRejected(kept: Kept, rejected: readonly Rejected[]): void {
    const known = new Set(kept.rejected.map(({ topic }) => topic))
    kept.rejected = rejected
    const { observer } = this.#deps
    for (const { topic, reason } of rejected)
      if (!known.has(topic))
        observer('channel_topic_rejected', { channel: kept.name, topic, reason })
  }
}

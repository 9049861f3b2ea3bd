/**
 * What is listened to where a configuration says `all` users or queues: those that the organisation
 * lists, looked at again and again.
 *
 * Guarantee: a list that cannot be read, breaks off, or is empty in the place of one that was not
 * changes nothing. What is not asked for as `all` waits for the first lists too: until then nothing
 * is proven (ChannelGroup). Users who were deactivated are left out.
 *
 * Limits: who is new is listened to from the next list on, and of the time before no gap is told;
 * topics beyond those that the channels of a client hold are left out, the last ones of `topics`
 * first, and told.
 */
import { type Backoff, backoffDelay } from '../../core/backoff.ts'
import type { Clock } from '../../core/clock.ts'
import { errorText } from '../../core/errors.ts'
import type { Random } from '../../core/random.ts'
import { textAt } from '../../event/fields.ts'
import type { ChannelGroup } from '../../genesys/channels/channel-group.ts'
import { MOST_TOPICS, planChannels, topicsOf } from '../../genesys/channels/plan.ts'
import type { GenesysClient } from '../../genesys/client.ts'
import { listNames } from '../../genesys/names.ts'
import type { Observer } from '../../observe/events.ts'
import type { Measured, Reading } from '../../observe/metrics.ts'
import { type ChannelsConfig, type Listed, listedKinds, wantedOf } from '../config/channels.ts'

const pauses: Backoff = { baseMs: 1000, maxMs: 60_000 }

export interface FollowDeps {
  readonly clock: Clock
  readonly random: Random
  readonly observer: Observer
  readonly client: GenesysClient
  readonly group: Pick<ChannelGroup, 'change'>
}

export class FollowLists implements Measured {
  readonly #deps: FollowDeps
  readonly #wanted: ChannelsConfig
  #listed: Listed = { users: [], queues: [] }
  #planned: readonly (readonly string[])[] = []
  #leftOut = 0

  constructor(deps: FollowDeps, wanted: ChannelsConfig) {
    this.#deps = deps
    this.#wanted = wanted
  }

  /** Tries until it could be read, or `signal` aborts. */
  async look(signal: AbortSignal): Promise<void> {
    const { clock, random, observer, client } = this.#deps
    for (let tries = 1; ; tries++) {
      try {
        await this.#list(signal)
        return
      } catch (error) {
        signal.throwIfAborted()
        observer('channel_lists_failed', { org: client.org, reason: errorText(error) })
      }
      await clock.sleep(backoffDelay(pauses, tries, random), signal)
    }
  }

  measure(reading: Reading): void {
    const { org } = this.#deps.client
    reading.number('inlet_channel_topics_left_out', this.#leftOut, { org })
  }

  async #list(signal: AbortSignal): Promise<void> {
    const listed = { ...this.#listed }
    for (const kind of listedKinds(this.#wanted)) {
      const ids = await this.#idsOf(kind, signal)
      if (ids.length > 0) listed[kind] = ids
    }
    this.#listed = listed
    const topics = topicsOf(wantedOf(this.#wanted, listed))
    this.#tellLeftOut(topics)
    const { client, group } = this.#deps
    this.#planned = planChannels(client.org, topics.slice(0, MOST_TOPICS), this.#planned)
    group.change(this.#planned)
  }

  async #idsOf(kind: keyof Listed, signal: AbortSignal): Promise<string[]> {
    const ids: string[] = []
    for await (const { id, view } of listNames(this.#deps.client, kind, { urgency: 'low', signal }))
      if ((textAt(view, 'state') ?? 'active') === 'active') ids.push(id)
    return ids
  }

  #tellLeftOut(topics: readonly string[]): void {
    const leftOut = Math.max(0, topics.length - MOST_TOPICS)
    const [first = ''] = topics.slice(MOST_TOPICS)
    const { client, observer } = this.#deps
    if (leftOut > 0 && leftOut !== this.#leftOut)
      observer('channel_topics_left_out', { org: client.org, topics: leftOut, first })
    this.#leftOut = leftOut
  }
}

/** The invented contact centre that `inlet simulate` plays: what it tells, and its API. */
import { seededRandom } from '../core/random.ts'
import { isObject, parseJson } from '../event/json.ts'
import { makeWorld } from '../simulator/centre/world.ts'
import { type Cloud, type CloudOptions, startCloud } from '../simulator/cloud/cloud.ts'
import type { ToldDialect } from '../simulator/render/dialects.ts'
import {
  type FaultRates,
  harmlessFaults,
  harshFaults,
  noFaults,
} from '../simulator/traffic/faults.ts'
import type { Losses } from '../simulator/traffic/losses.ts'
import { type Delivery, usualBatches } from '../simulator/traffic/packing.ts'
import { traffic } from '../simulator/traffic/traffic.ts'
import type { Machine } from './machine.ts'

export const faultLevels = ['none', 'harmless', 'harsh'] as const
export type FaultLevel = (typeof faultLevels)[number]

const rates: Readonly<Record<FaultLevel, FaultRates>> = {
  none: noFaults,
  harmless: harmlessFaults,
  harsh: harshFaults,
}

export interface CentreOptions {
  readonly dialects: readonly ToldDialect[]
  readonly events: number
  readonly seed: number
  readonly faults: FaultLevel
  readonly batches: boolean
  /** How long ago, ms, what is told begins to happen. */
  readonly agoMs: number
  readonly losses: Losses
  /** Each dialect tells everything, in place of one that is drawn. */
  readonly isToldByAll?: boolean
  /** Has what happens in its conversations told by an API too; null for none. */
  readonly cloud: Cloud | null
}

/** How busy the contact centre is. It changes what is told, not how fast it is sent. */
const conversationsPerSecond = 2

/** Every seed has a world of its own, which its API tells of too. */
function centreOf(seed: number) {
  const random = seededRandom(seed)
  return { random, world: makeWorld(random) }
}

export function centreTraffic(machine: Machine, options: CentreOptions): Iterable<Delivery> {
  const { dialects, events, faults, losses, cloud, batches, isToldByAll = false } = options
  return traffic(centreOf(options.seed), {
    events,
    startAt: machine.clock.now() - options.agoMs,
    conversationsPerSecond,
    isToldByAll,
    mix: Object.fromEntries(dialects.map((dialect) => [dialect, 1])),
    faults: rates[faults],
    losses,
    ...(batches && { batches: usualBatches }),
    ...(cloud && { onConversation: (conversation) => cloud.tell(conversation) }),
  })
}

/**
 * Tells what happens to the notification channels and webhooks that have subscribed to it, as it
 * happens, until all is told or the signal aborts. What nobody has subscribed to is gone, as on the
 * platform.
 */
export async function tellSubscribers(
  { clock }: Machine,
  deliveries: Iterable<Delivery>,
  { cloud, signal }: { readonly cloud: Cloud; readonly signal: AbortSignal },
): Promise<void> {
  for (const delivery of deliveries) {
    if (signal.aborted) return
    const { at, source, body } = delivery
    const waitMs = at - clock.now()
    if (waitMs > 0) await clock.sleep(waitMs, signal).catch(() => undefined)
    if (source !== 'notification') {
      await cloud.post(delivery)
      continue
    }
    const message = parseJson(Buffer.from(body).toString())
    if (isObject(message)) cloud.notify(String(message['topicName']), message)
  }
}

/** The API of the organisation that a seed makes; what happens in it is told by `centreTraffic`. */
export function startCentreApi(
  { clock }: Machine,
  { seed, ...options }: CloudOptions & { readonly seed: number },
): Promise<Cloud> {
  const { random, world } = centreOf(seed)
  return startCloud({ clock, random, world }, options)
}

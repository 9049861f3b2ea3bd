/** The invented contact centre that `inlet simulate` plays: what it tells, and its API. */
import { seededRandom } from '../core/random.ts'
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
  const { dialects, events, faults, losses, cloud, batches } = options
  return traffic(centreOf(options.seed), {
    events,
    startAt: machine.clock.now() - options.agoMs,
    conversationsPerSecond,
    mix: Object.fromEntries(dialects.map((dialect) => [dialect, 1])),
    faults: rates[faults],
    losses,
    ...(batches && { batches: usualBatches }),
    ...(cloud && { onConversation: (conversation) => cloud.tell(conversation) }),
  })
}

/** The API of the organisation that a seed makes; what happens in it is told by `centreTraffic`. */
export function startCentreApi(
  { clock }: Machine,
  { seed, ...options }: CloudOptions & { readonly seed: number },
): Promise<Cloud> {
  const { random, world } = centreOf(seed)
  return startCloud({ clock, random, world }, options)
}

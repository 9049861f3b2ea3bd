/**
 * Deliveries without a sender: what a Genesys organisation and the networks behind it would post,
 * as one stream in order of simulated time, from a seed. Memory stays bounded for any number of
 * events.
 */
import { fork } from '../centre/draw.ts'
import { type FaultRates, noFaults, withFaults } from './faults.ts'
import { type Losses, noLosses, withLosses } from './losses.ts'
import { type Batches, type Delivery, packed } from './packing.ts'
import { type TellingDeps, type TellingOptions, telling } from './telling.ts'

export interface TrafficOptions extends TellingOptions {
  /** Left out: nothing. */
  readonly losses?: Losses
  /** Left out: none. */
  readonly faults?: FaultRates
  /** Left out: one body a request. */
  readonly batches?: Batches
}

/**
 * The events and what is true of them do not change with losses, faults and batches: each has its
 * own dice, or none.
 */
export function traffic(deps: TellingDeps, options: TrafficOptions): Generator<Delivery, void> {
  const own = { world: deps.world, random: fork(deps.random) }
  const forFaults = fork(deps.random)
  const forBatches = fork(deps.random)
  const told = withLosses(telling(own, options), options.losses ?? noLosses)
  const parcels = withFaults(told, forFaults, options.faults ?? noFaults)
  return packed(parcels, forBatches, options.batches ?? null)
}

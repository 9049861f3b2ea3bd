/**
 * Looks again and again whether what is to deliver is there and active, and makes a webhook active
 * again that Genesys Cloud has deactivated, as it does after deliveries that failed.
 *
 * Guarantee: what delivers nothing is told of, whatever becomes of it, until it is found active. It
 * creates nothing and changes no field: that is `inlet provision apply`. The integration with
 * Amazon EventBridge is never deactivated by the platform, so somebody has meant it, and it is told
 * of alone. A subscription that cannot be looked at holds up no other.
 */
import { errorText } from '../../core/errors.ts'
import type { Files } from '../../core/files.ts'
import type { Lifecycle } from '../../core/lifecycle.ts'
import type { GenesysClient } from '../../genesys/client.ts'
import type { Step } from '../../genesys/provisioning/plan.ts'
import { applyStep } from '../../genesys/provisioning/platform.ts'
import type { Measured, Reading } from '../../observe/metrics.ts'
import type { Config } from '../config/schema.ts'
import type { Source } from '../config/sources.ts'
import type { GenesysDeps } from '../genesys-access.ts'
import { periodic } from '../periodic.ts'
import { planFor } from '../provision.ts'
import { type KnownState, readStates, type SubscriptionState, writeStates } from './states.ts'

export interface WatchDeps extends GenesysDeps {
  readonly files: Files
  readonly clients: ReadonlyMap<string, GenesysClient>
}

export interface SubscriptionWatch {
  readonly components: readonly Lifecycle[]
  readonly measured: readonly Measured[]
}

/** A loader that has just started has more urgent things to do. */
const FIRST_AFTER_MS = 2000

/** Nothing where no source has a subscription at an organisation that can be asked. */
export function openSubscriptionWatch(deps: WatchDeps, config: Config): SubscriptionWatch {
  const watched = config.sources.filter(
    ({ subscription, org = '' }) => subscription !== undefined && deps.clients.has(org),
  )
  if (watched.length === 0) return { components: [], measured: [] }
  const look = new Look(deps, config, watched)
  const component = periodic(deps.clock, {
    ...{ name: 'subscriptions', firstAfterMs: FIRST_AFTER_MS, everyMs: config.provision.every },
    task: (signal) => look.all(signal),
    onError: (error) => look.failed('-', error),
  })
  return { components: [component], measured: [look] }
}

export class Look implements Measured {
  readonly #deps: WatchDeps
  readonly #config: Config
  readonly #watched: readonly Source[]
  /** By source. */
  readonly #known = new Map<string, KnownState>()
  readonly #told = new Set<string>()
  readonly #reactivated = new Map<string, number>()
  readonly #failures = new Map<string, number>()

  constructor(deps: WatchDeps, config: Config, watched: readonly Source[]) {
    this.#deps = deps
    this.#config = config
    this.#watched = watched
  }

  async all(signal: AbortSignal): Promise<void> {
    const { files } = this.#deps
    const { dir } = this.#config.journal
    if (this.#known.size === 0)
      for (const one of await readStates(files, dir)) this.#known.set(one.source, one)
    for (const source of this.#watched) {
      signal.throwIfAborted()
      await this.#look(source).catch((error: unknown) => this.failed(source.name, error))
    }
    const wanted = new Set(this.#watched.map(({ name }) => name))
    await writeStates(
      files,
      dir,
      [...this.#known.values()].filter(({ source }) => wanted.has(source)),
    )
  }

  failed(source: string, error: unknown): void {
    this.#failures.set(source, (this.#failures.get(source) ?? 0) + 1)
    this.#deps.observer('subscription_not_checked', { source, reason: errorText(error) })
  }

  measure(reading: Reading): void {
    for (const [source, { state }] of this.#known) {
      const delivers = Number(state === 'active')
      reading.number('inlet_subscription_active', delivers, { source })
      reading.number('inlet_alert', 1 - delivers, { source, reason: 'subscription' })
    }
    for (const [source, count] of this.#reactivated)
      reading.number('inlet_subscription_reactivations_total', count, { source })
    for (const [source, count] of this.#failures)
      reading.number('inlet_subscription_failures_total', count, { source })
  }

  async #look(source: Source): Promise<void> {
    const { client, wanted, step } = await planFor(this.#deps, this.#config, source)
    this.#tell(step)
    const { reactivate } = this.#config.provision
    if (!reactivate || step.action !== 'reactivate' || step.kind === 'eventbridge') return
    await applyStep(client, wanted, step)
    this.#reactivated.set(source.name, (this.#reactivated.get(source.name) ?? 0) + 1)
    this.#deps.observer('subscription_reactivated', { source: source.name, name: step.name })
  }

  /** Told once when it begins to deliver nothing, and once when it is found active again. */
  #tell(step: Step): void {
    const { clock, observer } = this.#deps
    const { source, name, kind } = step
    const state = stateOf(step)
    const before = this.#known.get(source)
    const now = clock.now()
    const since = before?.state === state ? before.since : now
    this.#known.set(source, { source, name, state, since, checkedAt: now })
    const isTold = this.#told.has(source)
    if (state === 'active' && isTold) observer('subscription_delivers', { source, name })
    if (state !== 'active' && !isTold)
      observer('subscription_silent', { source, name, kind, state })
    if (state === 'active') this.#told.delete(source)
    else this.#told.add(source)
  }
}

function stateOf({ action, inactive }: Step): SubscriptionState {
  if (action === 'create') return 'missing'
  if (action === 'ambiguous') return 'ambiguous'
  return inactive ? 'inactive' : 'active'
}

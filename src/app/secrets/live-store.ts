/**
 * Every secret of a configuration, kept up to date while a gateway runs.
 *
 * Guarantee: none that cannot be read keeps a gateway from starting. Its source cannot judge who is
 * wrong until it was read, and answers 503 so long; once it was read, a failure keeps the last
 * value. A reference that several proofs have is read once for all of them. Where secrets take each
 * other's place, the old one's first, there is no moment in which neither is known.
 */
import type { Lifecycle } from '../../core/lifecycle.ts'
import type { LiveSecrets, SecretSet } from '../../ingress/proofs/live-secrets.ts'
import type { Measured, Reading } from '../../observe/metrics.ts'
import { type Proofs, type SecretProof, secretProofs } from '../config/proofs.ts'
import type { SecretReference } from '../config/secret-reference.ts'
import { LiveSecret, type LiveSecretDeps, type SecretState } from './live-secret.ts'

/** How long a start waits for secrets that are slow to come. */
const START_WITHIN_MS = 10_000

export type SourceLiveSecrets = Readonly<Partial<Record<SecretProof, LiveSecrets>>>

/** A configuration, or what is proven beside its sources. */
export interface Proving {
  readonly sources: readonly { readonly name: string; readonly auth: Proofs | 'none' }[]
}

export interface LiveStore extends Lifecycle, Measured {
  /** Of each source that asks for proofs with secrets, by its name. */
  readonly secrets: ReadonlyMap<string, SourceLiveSecrets>
  /** How many of its secrets are in each state. */
  states(): Readonly<Record<SecretState, number>>
}

/** Reads nothing before it is started: until then every secret is missing. */
export function openLiveStore(deps: LiveSecretDeps, config: Proving): LiveStore {
  return new SecretStore(deps, config)
}

class SecretStore implements LiveStore {
  readonly name = 'secrets'
  readonly secrets: ReadonlyMap<string, SourceLiveSecrets>
  readonly #deps: LiveSecretDeps
  readonly #held = new Map<string, LiveSecret>()
  readonly #groups: SecretGroup[] = []
  readonly #stopping = new AbortController()
  #started = false

  constructor(deps: LiveSecretDeps, config: Proving) {
    this.#deps = deps
    this.secrets = new Map(config.sources.map((source) => [source.name, this.#ofSource(source)]))
  }

  states() {
    const counts: Record<SecretState, number> = { missing: 0, live: 0, stale: 0 }
    for (const { state } of this.#held.values()) counts[state]++
    return counts
  }

  measure(reading: Reading): void {
    const { missing, stale } = this.states()
    reading.number('inlet_unreadable_secrets', missing, { reason: 'missing' })
    reading.number('inlet_unreadable_secrets', stale, { reason: 'stale' })
  }

  async start(signal: AbortSignal): Promise<void> {
    if (this.#started) return
    signal.throwIfAborted()
    this.#started = true
    const loaded = [...this.#held.values()].map((secret) => this.#keep(secret))
    const soon = new AbortController()
    const late = this.#deps.clock
      .sleep(START_WITHIN_MS, AbortSignal.any([signal, soon.signal]))
      .catch(() => undefined)
    await Promise.race([Promise.all(loaded), late])
    soon.abort()
  }

  async drain(): Promise<void> {}

  async stop(): Promise<void> {
    this.#stopping.abort()
  }

  /** Resolves once it was tried for the first time. */
  #keep(secret: LiveSecret): Promise<void> {
    const loaded = secret.load()
    void loaded.then(() => secret.keep(this.#stopping.signal))
    return loaded
  }

  #ofSource({ name, auth }: Proving['sources'][number]): SourceLiveSecrets {
    const own: Partial<Record<SecretProof, LiveSecrets>> = {}
    if (auth === 'none') return own
    for (const proof of secretProofs) {
      const asked = auth[proof]
      if (asked) own[proof] = this.#groupOf(name, asked.secrets)
    }
    return own
  }

  #groupOf(source: string, references: readonly SecretReference[]): LiveSecrets {
    const held = references.map((reference) => this.#hold(reference))
    for (const secret of held) secret.useFor(source)
    const group = new SecretGroup(held)
    this.#groups.push(group)
    return group
  }

  #hold(reference: SecretReference): LiveSecret {
    const key = JSON.stringify(reference)
    const found =
      this.#held.get(key) ??
      new LiveSecret(this.#deps, reference, (isFirst) => {
        void this.#changed(reference, isFirst)
      })
    this.#held.set(key, found)
    return found
  }

  /**
   * Each secret is read in its own time: where one has changed, the others of its proofs are read
   * before it counts, for the value that it had may be theirs by then.
   */
  async #changed(reference: SecretReference, isFirst: boolean): Promise<void> {
    const changed = this.#held.get(JSON.stringify(reference))
    const beside = this.#groups.flatMap((group) => group.beside(changed))
    if (!isFirst) await Promise.all(beside.map((secret) => secret.load()))
    for (const group of this.#groups) group.renew()
  }
}

/** The secrets of one proof. */
class SecretGroup implements LiveSecrets {
  readonly #members: readonly LiveSecret[]
  #set: SecretSet = { values: [], complete: false }

  constructor(members: readonly LiveSecret[]) {
    this.#members = members
  }

  current(): SecretSet {
    return this.#set
  }

  /** The others of the proof, where it has the secret. */
  beside(secret: LiveSecret | undefined): readonly LiveSecret[] {
    if (!this.#members.some((member) => member === secret)) return []
    return this.#members.filter((member) => member !== secret)
  }

  renew(): void {
    const values = this.#members.flatMap(({ value }) => value ?? [])
    const { values: before } = this.#set
    const isSame = values.length === before.length && values.every((one, at) => one === before[at])
    if (!isSame) this.#set = { values, complete: values.length === this.#members.length }
  }
}

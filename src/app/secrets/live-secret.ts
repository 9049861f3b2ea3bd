/**
 * One secret, kept up to date from where its reference says.
 *
 * `missing` until it could be read for the first time; then `live`, and `stale` while the last
 * attempts to read it again failed, which keeps the value that was read last. What changes is told
 * once, not with each attempt.
 */
import { type Backoff, backoffDelay } from '../../core/backoff.ts'
import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import type { Observer } from '../../observe/events.ts'
import { placeOf, type SecretReference } from '../config/secret-reference.ts'
import { type FoundSecret, readSecret, type SecretSource } from './read-secret.ts'

export interface LiveSecretDeps {
  readonly clock: Clock
  readonly random: Random
  readonly observer: Observer
  readonly from: SecretSource
}

export type SecretState = 'missing' | 'live' | 'stale'

/** Ms. A file is read again rather than watched: mounted secrets are exchanged by links. */
const FILE_EVERY_MS = 5000
/** AWS charges for calls and limits them; gateways that started together must not ask together. */
const AWS_EVERY_MS = 5 * 60_000
const awsRetries: Backoff = { baseMs: 1000, maxMs: 60_000 }

export class LiveSecret {
  readonly #deps: LiveSecretDeps
  readonly #reference: SecretReference
  readonly #changed: (isFirst: boolean) => void
  readonly #sources = new Set<string>()
  #value: string | null = null
  /** Why the last attempt failed; empty where it did not. */
  #trouble = ''
  #failures = 0
  #loading: Promise<void> = Promise.resolve()

  /** `changed` is called for each new value, and told whether it is the first. */
  constructor(
    deps: LiveSecretDeps,
    reference: SecretReference,
    changed: (isFirst: boolean) => void,
  ) {
    this.#deps = deps
    this.#reference = reference
    this.#changed = changed
  }

  /** To be called with the name of each source that is judged by it: an operator wants to know. */
  useFor(source: string): void {
    this.#sources.add(source)
  }

  /** Null where it was never read. */
  get value(): string | null {
    return this.#value
  }

  get state(): SecretState {
    if (this.#value === null) return 'missing'
    return this.#failures === 0 ? 'live' : 'stale'
  }

  /** Reads it; calls take turns, so that what was read last counts. */
  load(): Promise<void> {
    this.#loading = this.#loading.then(async () => {
      const found = await readSecret(this.#reference, this.#deps.from)
      if (found.ok) this.#take(found.value)
      else this.#complain(found)
    })
    return this.#loading
  }

  /** Reads it again and again, until the signal aborts. What the environment holds stays. */
  async keep(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps
    while (!('env' in this.#reference)) {
      const waited = clock.sleep(this.#wait(), signal).then(
        () => true,
        () => false,
      )
      if (!(await waited)) return
      await this.load()
    }
  }

  #wait(): number {
    const { random } = this.#deps
    if ('file' in this.#reference) return FILE_EVERY_MS
    if (this.#failures > 0) return backoffDelay(awsRetries, this.#failures, random)
    return AWS_EVERY_MS * (0.8 + 0.4 * random.next())
  }

  #take(value: string): void {
    const place = placeOf(this.#reference)
    const isFirst = this.#value === null
    if (this.#failures > 0) this.#deps.observer('secret_recovered', { secret: place })
    this.#failures = 0
    this.#trouble = ''
    if (value === this.#value) return
    this.#value = value
    if (!isFirst) this.#deps.observer('secret_exchanged', { secret: place })
    this.#changed(isFirst)
  }

  #complain({ what, remedy }: FoundSecret & { readonly ok: false }): void {
    this.#failures++
    if (what === this.#trouble) return
    this.#trouble = what
    const event = this.#value === null ? 'secret_missing' : 'secret_stale'
    const sources = [...this.#sources].join(', ')
    this.#deps.observer(event, { sources, reason: what, remedy })
  }
}

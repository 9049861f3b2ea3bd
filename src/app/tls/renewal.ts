/**
 * Takes new certificate files into use while requests come: certificate, key, client authorities,
 * revocations.
 *
 * The files are looked at every second, through links, so that a rename and the link that
 * Kubernetes turns are seen like a write. What has changed is taken once it was the same twice,
 * because a certificate and its key come one after the other.
 *
 * Guarantee: no request fails for a renewal, but those of clients that are let in no longer. Files
 * that cannot be used change nothing; that is told once for each content.
 */
import { hash } from 'node:crypto'
import type { Clock } from '../../core/clock.ts'
import { errorText } from '../../core/errors.ts'
import type { Files } from '../../core/files.ts'
import type { Lifecycle } from '../../core/lifecycle.ts'
import type { Ingress } from '../../ingress/ingress.ts'
import type { TlsOptions } from '../../ingress/options.ts'
import type { Observer } from '../../observe/events.ts'
import type { Measured } from '../../observe/metrics.ts'
import { readTls, type TlsConfig, tlsFiles } from './files.ts'
import { judgeTls } from './judgement.ts'

export const LOOK_EVERY_MS = 1000
/** Files are read this often although nothing seems to have happened to them. */
const READ_EVERY_LOOKS = 60

export interface RenewalDeps {
  readonly files: Files
  readonly clock: Clock
  readonly observer: Observer
  readonly ingress: Pick<Ingress, 'renewTls'>
}

export interface RenewalOptions {
  readonly config: TlsConfig | undefined
  /** What is served at the start. */
  readonly served: TlsOptions | null
}

export interface Renewal extends Lifecycle, Measured {
  /** Looks at once; calls that meet share one look. */
  look(): Promise<void>
}

export function tlsRenewal(deps: RenewalDeps, options: RenewalOptions): Renewal {
  return new TlsRenewal(deps, options)
}

class TlsRenewal implements Renewal {
  readonly name = 'certificates'
  readonly #deps: RenewalDeps
  readonly #config: TlsConfig | undefined
  #stamp = ''
  #looks = 0
  #served: string
  /** Seen once, and taken when it is seen again. */
  #waiting: string | null = null
  #refused: string | null = null
  /** True where what is served since the start is not what it should be. */
  #isDoubtful = false
  #looking: Promise<void> | null = null
  #stop: () => void = () => undefined

  constructor(deps: RenewalDeps, { config, served }: RenewalOptions) {
    this.#deps = deps
    this.#config = config
    this.#served = digestOf(served)
  }

  async start(): Promise<void> {
    const { clock, observer, files } = this.#deps
    if (this.#config === undefined) return
    const tls = await readTls(files, this.#config).catch(() => null)
    this.#isDoubtful = tls === null
    for (const { key, level, what } of tls === null ? [] : judgeTls(tls, clock.now())) {
      if (level !== 'fail') continue
      this.#isDoubtful = true
      observer('tls_files_doubtful', { key, reason: what })
    }
    this.#stop = clock.every(LOOK_EVERY_MS, () => void this.look())
  }

  async drain(): Promise<void> {
    this.#stop()
    await this.#looking
  }

  async stop(): Promise<void> {
    this.#stop()
  }

  measure: Measured['measure'] = (reading) => {
    const failed = this.#refused !== null || this.#isDoubtful
    reading.number('inlet_tls_renewal_failed', failed ? 1 : 0, {})
  }

  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null
    })
    return this.#looking
  }

  async #look(): Promise<void> {
    const config = this.#config
    if (config === undefined) return
    const stamp = await this.#stampOf(config)
    const isDue = this.#looks++ % READ_EVERY_LOOKS === 0
    if (stamp === this.#stamp && this.#waiting === null && !isDue) return
    this.#stamp = stamp
    const read = await readTls(this.#deps.files, config).catch((error: unknown) => error)
    const digest = digestOf(read)
    if (digest === this.#served) {
      this.#waiting = null
      this.#refused = null
    } else if (digest !== this.#waiting) this.#waiting = digest
    else {
      this.#waiting = null
      if (digest !== this.#refused) await this.#take(read, digest)
    }
  }

  async #take(read: unknown, digest: string): Promise<void> {
    const { observer, ingress, clock } = this.#deps
    try {
      if (!isTls(read)) throw read
      const failed = judgeTls(read, clock.now()).find(({ level }) => level === 'fail')
      if (failed !== undefined) throw new Error(`${failed.key} ${failed.what}`)
      const closed = await ingress.renewTls(read)
      this.#served = digest
      this.#refused = null
      this.#isDoubtful = false
      observer('tls_renewed', { closed })
    } catch (error) {
      this.#refused = digest
      observer('tls_renewal_failed', { reason: errorText(error) })
    }
  }

  async #stampOf(config: TlsConfig): Promise<string> {
    const stats = tlsFiles(config).map(([, path]) => this.#deps.files.stat(path))
    const found = await Promise.all(stats.map((one) => one.catch(() => null)))
    return found.map((one) => `${one?.size}@${one?.modifiedAt}`).join(' ')
  }
}

function isTls(read: unknown): read is TlsOptions {
  return typeof read === 'object' && read !== null && 'cert' in read
}

/** Of what was read, or of why nothing was. */
function digestOf(read: unknown): string {
  return hash('sha256', read instanceof Error ? errorText(read) : JSON.stringify(read))
}

/**
 * How much the journal may still take: `maxBytes` of its own, `minFree` of the disk. Looked at
 * before each group, measured at most once a second and whenever the limit seems near, so that
 * space which the loader freed is found again.
 *
 * All partitions share one budget without speaking to each other: each measures the whole journal.
 * What the others write between two measurements is not seen, so that a limit may be exceeded by
 * what they write in a tenth of a second.
 */
import type { Clock } from '../../core/clock.ts'
import type { Files } from '../../core/files.ts'
import { formatSize } from '../../core/units.ts'
import { journalBytes } from './layout.ts'

const MEASURE_EVERY_MS = 1000
const MEASURE_WHEN_NEAR_EVERY_MS = 100
/** More than disks take in a second, but for the fastest. */
const NEAR_BYTES = 512 * 2 ** 20

export interface DiskLimits {
  /** Bytes that the partitions of the journal may hold together. */
  readonly maxBytes: number
  /** Bytes of the disk that stay free for the loader. */
  readonly minFree: number
}

export class DiskBudget {
  readonly #deps: { readonly files: Files; readonly clock: Clock }
  /** Of the journal. */
  readonly #folder: string
  readonly #limits: DiskLimits
  #used = 0
  #free = Number.POSITIVE_INFINITY
  #measuredAt = Number.NEGATIVE_INFINITY

  constructor(deps: { files: Files; clock: Clock }, folder: string, limits: DiskLimits) {
    this.#deps = deps
    this.#folder = folder
    this.#limits = limits
  }

  /** Null when `bytes` more may be written, else the reason why not. */
  async refusal(bytes: number): Promise<string | null> {
    const age = this.#deps.clock.elapsed() - this.#measuredAt
    const isNear = this.#reason(bytes + NEAR_BYTES) !== null
    if (age >= (isNear ? MEASURE_WHEN_NEAR_EVERY_MS : MEASURE_EVERY_MS)) await this.#measure()
    return this.#reason(bytes)
  }

  spend(bytes: number): void {
    this.#used += bytes
    this.#free -= bytes
  }

  async #measure(): Promise<void> {
    this.#used = await journalBytes(this.#deps.files, this.#folder)
    this.#free = await this.#deps.files.freeBytes(this.#folder)
    this.#measuredAt = this.#deps.clock.elapsed()
  }

  #reason(bytes: number): string | null {
    const { maxBytes, minFree } = this.#limits
    if (this.#used + bytes > maxBytes) {
      return `it holds ${formatSize(this.#used)} of journal.maxBytes ${formatSize(maxBytes)}`
    }
    if (this.#free - bytes < minFree) {
      const free = formatSize(Math.max(0, this.#free))
      return `the disk has ${free} free, journal.minFree is ${formatSize(minFree)}`
    }
    return null
  }
}

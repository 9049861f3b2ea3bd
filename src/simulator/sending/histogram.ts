/**
 * Durations by their size: 32 buckets for each doubling, so that a quantile is within 2.2 % of the
 * truth.
 */
const perDoubling = 32
/** A microsecond; what is shorter counts as one. */
const shortestMs = 0.001
/** Up to about 12 days. */
const buckets = 40 * perDoubling

export class Histogram {
  readonly #counts = new Uint32Array(buckets)
  #count = 0
  #longest = 0

  get count(): number {
    return this.#count
  }

  /** Ms, exact. */
  get longest(): number {
    return this.#longest
  }

  record(ms: number) {
    const place = Math.floor(Math.log2(Math.max(ms, shortestMs) / shortestMs) * perDoubling)
    const bucket = Math.min(place, buckets - 1)
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#count++
    this.#longest = Math.max(this.#longest, ms)
  }

  /**
   * Ms that the given share of durations, from 0 to 1, did not exceed; 0 when nothing was recorded.
   */
  quantile(share: number): number {
    const wanted = Math.ceil(share * this.#count)
    let seen = 0
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count
      if (seen >= wanted && seen > 0) return Math.min(this.#longest, upperEdge(bucket))
    }
    return 0
  }
}

function upperEdge(bucket: number): number {
  return shortestMs * 2 ** ((bucket + 1) / perDoubling)
}

/**
 * Whether a proven sender's delivery is taken: the bucket of its source, and the memory that all
 * share (DESIGN 6, docs/adr/008).
 *
 * It is asked twice. Before a body is looked into, whether anything at all may pass: a flood then
 * costs no framing. And once its events are known, with their urgency. What must wait is deferred,
 * and comes again; what is not urgent may be shed instead, where the source says so: answered 200
 * and only counted. Only the soft limits shed.
 *
 * Where nothing is configured and memory is below the soft limit, both cost two comparisons.
 */
import type { Clock } from '../../core/clock.ts'
import { InletError } from '../../core/errors.ts'
import type { Priority } from '../../event/envelope.ts'
import { highest, type PriorityRules, priorityOf } from '../../event/priority.ts'
import type { Candidate } from '../candidates.ts'
import type { InFlight } from './in-flight.ts'
import { type BucketOptions, TokenBucket } from './token-bucket.ts'

export interface AdmissionOptions {
  readonly source: string
  readonly priorities: PriorityRules
  /** Null for as many as come. */
  readonly rate: BucketOptions | null
  readonly overload: 'defer' | 'shed'
}

export interface AdmissionDeps {
  readonly inFlight: InFlight
  readonly clock: Pick<Clock, 'elapsed'>
}

export interface Arrived {
  /** All that came, wanted or not. */
  readonly events: number
  /** Of a delivery that has begun, which its sender can only repeat whole: see docs/adr/008. */
  readonly isPart: boolean
}

/** An error is a deferral. */
export type Verdict = 'take' | 'shed' | InletError

export class Admission {
  readonly #deps: AdmissionDeps
  readonly #options: AdmissionOptions
  readonly #bucket: TokenBucket | null
  readonly #known = new Map<string, Priority>()

  constructor(deps: AdmissionDeps, options: AdmissionOptions) {
    this.#deps = deps
    this.#options = options
    this.#bucket =
      options.rate === null ? null : new TokenBucket(options.rate, deps.clock.elapsed())
  }

  /** What the bucket holds; null without one. */
  get level(): number | null {
    return this.#bucket?.level(this.#deps.clock.elapsed()) ?? null
  }

  /** Holds the bytes of a body until they leave, and returns them. Throws a deferral. */
  enter(bytes: number): number {
    const bucket = this.#bucket
    if (bucket !== null) {
      const waitMs = bucket.closedFor(this.#deps.clock.elapsed())
      if (waitMs > 0) throw this.#tooMany(waitMs)
    }
    this.#deps.inFlight.roomFor(bytes).take(bytes)
    return bytes
  }

  leave(bytes: number): void {
    this.#deps.inFlight.roomFor(bytes).release(bytes)
  }

  /** `wanted` are those that would be made durable. A part is never deferred. */
  admit(wanted: readonly Candidate[], { events, isPart }: Arrived): Verdict {
    const { inFlight } = this.#deps
    const bucket = this.#bucket
    if (bucket === null && !inFlight.isAboveSoft) return 'take'
    const priority = highest(wanted.map((candidate) => this.#priorityOf(candidate)))
    const waits = wanted.length === 0 ? null : this.#deferral(priority, Math.max(1, events))
    if (waits !== null && priority === 'low' && this.#options.overload === 'shed') return 'shed'
    if (waits !== null && !isPart) return waits
    if (waits !== null || wanted.length === 0) bucket?.charge(events)
    return 'take'
  }

  /** Null where it may pass; it is then charged. */
  #deferral(priority: Priority, events: number): InletError | null {
    const { inFlight, clock } = this.#deps
    if (priority === 'low' && inFlight.isAboveSoft)
      return new InletError('INL_ING_IN_FLIGHT', { bytes: inFlight.bytes })
    const waitMs = this.#bucket?.take(events, priority, clock.elapsed()) ?? 0
    return waitMs === 0 ? null : this.#tooMany(waitMs)
  }

  #tooMany(waitMs: number): InletError {
    const { source } = this.#options
    return new InletError('INL_ING_RATE', { source, [RETRY_AFTER]: Math.ceil(waitMs / 1000) })
  }

  /** What cannot be read may be anything, and is kept: it is as urgent as most events are. */
  #priorityOf(candidate: Candidate): Priority {
    if (candidate.kind === 'unreadable') return 'normal'
    const { eventType } = candidate.recognised
    const known = this.#known.get(eventType)
    if (known !== undefined) return known
    // Event types are a closed set.
    const priority = priorityOf(eventType, this.#options.priorities)
    this.#known.set(eventType, priority)
    return priority
  }
}

/** The detail of a deferral that says when it may pass, at the earliest. */
export const RETRY_AFTER = 'retryAfterSeconds'

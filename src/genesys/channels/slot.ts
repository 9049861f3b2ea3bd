/**
 * The life of one channel's topics, as a pure step from state to state: which connection carries
 * them, when another takes its place, and between which moments nothing did.
 *
 * - `dead`: none; one is opened at `retryAt`
 * - `connecting`: one is opened, and carries nothing until its subscriptions are verified
 * - `live`: one carries the topics and was heard within `SILENT_MS`
 * - `rotating`: another is opened while it does, because it grows old or its topics change
 * - `closing`: the same, because its server goes away
 *
 * Genesys keeps nothing for a channel without a socket. A gap begins where the last connection was
 * last heard and ends when the next one is verified. Heartbeats come every 30 s, so that one who is
 * not heard for 40 s is taken for dead.
 */
export const SILENT_MS = 40_000
/** It is asked to answer where nothing came by itself. */
export const PING_MS = 15_000
/** A channel lives for 24 hours. */
export const LIFE_MS = 23 * 3_600_000

export type Phase = 'dead' | 'connecting' | 'live' | 'rotating' | 'closing'

export const gapReasons = ['start', 'closed', 'silent', 'gone', 'failed'] as const
export type GapReason = (typeof gapReasons)[number]

/** Times are of the monotonic clock where nothing else is said. */
export interface Slot {
  readonly phase: Phase
  /** The connection that carries the topics, or is to; they are numbered as they are opened. */
  readonly link: number
  /** The one that is to take its place. */
  readonly next: number | null
  /** The highest number that was given. */
  readonly made: number
  /** When it was last heard, and the same by the wall clock. */
  readonly heardAt: number
  readonly provenAt: number
  readonly pingedAt: number
  readonly rotateAt: number
  readonly retryAt: number
  /** Failures since it was live. */
  readonly failures: number
  /** Open while it is not live. */
  readonly gap: OpenGap | null
}

/** By the wall clock. */
export interface OpenGap {
  readonly from: number
  readonly reason: GapReason
}

export interface Gap extends OpenGap {
  readonly to: number
}

export type SlotEvent =
  | { readonly kind: 'tick'; readonly mayRotate: boolean }
  | { readonly kind: 'heard'; readonly link: number }
  /** `bornAt`: when its channel was made or its life was last prolonged. */
  | { readonly kind: 'verified'; readonly link: number; readonly bornAt: number }
  | { readonly kind: 'closing'; readonly link: number }
  | { readonly kind: 'lost'; readonly link: number; readonly reason: GapReason }
  /** Its topics are others. */
  | { readonly kind: 'changed' }

export type Effect =
  /** `isNew`: in a channel of its own, and not in that of the connection before. */
  | { readonly kind: 'open'; readonly link: number; readonly isNew: boolean }
  | { readonly kind: 'ping'; readonly link: number }
  /** Another has taken its place: what is still on its way to it shall arrive. */
  | { readonly kind: 'retire'; readonly link: number }
  | { readonly kind: 'drop'; readonly link: number }
  | { readonly kind: 'gap'; readonly gap: Gap }

export interface Context {
  readonly elapsed: number
  /** By the wall clock. */
  readonly now: number
  /** How long to wait after so many failures in a row, ms. */
  readonly pauseAfter: (failures: number) => number
}

export interface Step {
  readonly slot: Slot
  readonly effects: readonly Effect[]
}

/** `provenAt`: when it was last live, in an earlier process, or when it is first asked for. */
export function newSlot(provenAt: number): Slot {
  return {
    phase: 'dead',
    link: 0,
    next: null,
    made: 0,
    heardAt: 0,
    provenAt,
    pingedAt: 0,
    rotateAt: Number.POSITIVE_INFINITY,
    retryAt: Number.NEGATIVE_INFINITY,
    failures: 0,
    gap: { from: provenAt, reason: 'start' },
  }
}

export function step(slot: Slot, event: SlotEvent, context: Context): Step {
  const { elapsed, now } = context
  switch (event.kind) {
    case 'tick':
      return tick(slot, event.mayRotate, context)
    case 'heard':
      return only(event.link === slot.link ? { ...slot, heardAt: elapsed, provenAt: now } : slot)
    case 'verified':
      return verified(slot, event, context)
    case 'closing':
      return event.link === slot.link && slot.phase === 'live'
        ? replace(slot, { phase: 'closing', isNew: false })
        : only(slot)
    case 'lost':
      return lost(slot, event, context)
    case 'changed':
      return only({ ...slot, rotateAt: elapsed })
  }
}

/** Whether events arrive. */
export function isLive({ phase }: Slot): boolean {
  return phase === 'live' || phase === 'rotating' || phase === 'closing'
}

function tick(slot: Slot, mayRotate: boolean, context: Context): Step {
  const { elapsed } = context
  const { phase, link, heardAt, pingedAt } = slot
  if (phase === 'dead') return elapsed < slot.retryAt ? only(slot) : connect(slot, true)
  if (phase === 'connecting') return only(slot)
  if (elapsed - heardAt >= SILENT_MS) {
    const { slot: after, effects } = lost(slot, { link, reason: 'silent' }, context)
    return { slot: after, effects: [{ kind: 'drop', link }, ...effects] }
  }
  if (phase === 'live' && elapsed >= slot.rotateAt && mayRotate)
    return replace(slot, { phase: 'rotating', isNew: true })
  if (elapsed - Math.max(heardAt, pingedAt) < PING_MS) return only(slot)
  return { slot: { ...slot, pingedAt: elapsed }, effects: [{ kind: 'ping', link }] }
}

function verified(
  slot: Slot,
  { link, bornAt }: { link: number; bornAt: number },
  { elapsed, now }: Context,
): Step {
  const isNext = link === slot.next
  if (!isNext && !(link === slot.link && slot.phase === 'connecting')) return only(slot)
  const effects: Effect[] = []
  if (isNext) effects.push({ kind: 'retire', link: slot.link })
  if (slot.gap !== null)
    effects.push({ kind: 'gap', gap: { ...slot.gap, to: Math.max(slot.gap.from, now) } })
  const heard = { heardAt: elapsed, provenAt: now, pingedAt: elapsed }
  const fresh = { next: null, gap: null, failures: 0, rotateAt: bornAt + LIFE_MS }
  return { slot: { ...slot, ...heard, ...fresh, phase: 'live', link }, effects }
}

function lost(slot: Slot, event: { link: number; reason: GapReason }, context: Context): Step {
  const { link, reason } = event
  const { elapsed, pauseAfter } = context
  const failures = slot.failures + 1
  // It goes on with the one that it has, and tries again later.
  if (link === slot.next)
    return only({
      ...slot,
      phase: 'live',
      next: null,
      failures,
      rotateAt: elapsed + pauseAfter(failures),
    })
  if (link !== slot.link || slot.phase === 'dead') return only(slot)
  if (slot.phase === 'connecting')
    return only({ ...slot, phase: 'dead', failures, retryAt: elapsed + pauseAfter(failures) })
  const broken = { ...slot, gap: { from: slot.provenAt, reason } }
  if (slot.next !== null)
    return only({ ...broken, phase: 'connecting', link: slot.next, next: null })
  return connect(broken, reason === 'gone')
}

function connect(slot: Slot, isNew: boolean): Step {
  const link = slot.made + 1
  const opened = { ...slot, phase: 'connecting' as const, link, made: link }
  return { slot: opened, effects: [{ kind: 'open', link, isNew }] }
}

function replace(slot: Slot, how: { phase: 'rotating' | 'closing'; isNew: boolean }): Step {
  const { phase, isNew } = how
  const next = slot.made + 1
  const opened = { ...slot, phase, next, made: next }
  return { slot: opened, effects: [{ kind: 'open', link: next, isNew }] }
}

function only(slot: Slot): Step {
  return { slot, effects: [] }
}

/**
 * What the platform loses on its way: it happened, and its API tells of it, but nobody sends it.
 * That is what reconciliation is there to find.
 */
import type { Told } from './telling.ts'

export interface Losses {
  /** Every so many events is lost; 0 for none. */
  readonly events: number
  /** About every so many conversations is lost whole; 0 for none. */
  readonly conversations: number
  /** Which may be lost by themselves; left out: any. */
  readonly among?: (told: Told) => boolean
  /** Called with each that is lost. */
  readonly onLost?: (told: Told) => void
}

export const noLosses: Losses = { events: 0, conversations: 0 }

export function* withLosses(told: Iterable<Told>, losses: Losses): Generator<Told, void> {
  const { events, conversations, among = () => true, onLost } = losses
  let count = 0
  for (const one of told) {
    const { conversationId } = one.rendered
    const isLost = events > 0 && among(one) && ++count % events === 0
    if (isLost || (conversationId !== null && isLostWhole(conversationId, conversations)))
      onLost?.(one)
    else yield one
  }
}

/** By its id, which is drawn evenly, so that nothing need be remembered. */
export function isLostWhole(conversationId: string, every: number): boolean {
  return every > 0 && Number.parseInt(conversationId.slice(0, 8), 16) % every === 0
}

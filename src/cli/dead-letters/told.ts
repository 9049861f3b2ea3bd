/** A dead letter as JSON tells it: everything but its body. */
import type { DeadLetter } from '../../loader/dead-letters/letter.ts'

export function toldOf(letter: DeadLetter) {
  const { receivedAt, decidedAt, headers: _, ...told } = letter
  return { ...told, receivedAt: isoOf(receivedAt), decidedAt: decidedAt && isoOf(decidedAt) }
}

export function isoOf(ms: number): string {
  return new Date(ms).toISOString()
}

/** Refusals that only say: not now. They are no fault of anybody's, and are counted by reason. */
import type { ErrorCode, InletError } from '../../core/errors.ts'

const reasons: Partial<Record<ErrorCode, string>> = {
  INL_ING_RATE: 'rate',
  INL_ING_IN_FLIGHT: 'in_flight',
  INL_ING_UNPROVEN: 'unproven',
}

export const deferralReasons: readonly string[] = Object.values(reasons)

/** Null for what is no deferral. */
export function deferralReason({ code }: InletError): string | null {
  return reasons[code] ?? null
}

/** Certificates as files hold them, and how long each is still good. */
import { certificatesIn } from '../../core/x509.ts'

export const DAY_MS = 86_400_000
/** Renewal takes people: this leaves them a month. */
export const RENEW_DAYS = 30

/** The certificates of a PEM text, in its order; throws where one cannot be read. */
export const parseChain = certificatesIn

export function daysUntil(time: number, now: number): number {
  return Math.floor((time - now) / DAY_MS)
}

/** The common name where there is one, else all of it on one line. */
export function commonName(subject: string | undefined): string {
  return /^CN=(.*)$/m.exec(subject ?? '')?.[1] ?? (subject ?? '').replaceAll('\n', ', ')
}

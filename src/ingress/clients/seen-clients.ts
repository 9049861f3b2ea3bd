/**
 * Which certificates proved whom, so that an operator hears of one that will expire before its
 * sender does.
 *
 * Limits: a few certificates for each name that the configuration maps, the ones seen last; a
 * stranger leaves nothing here (I6).
 */
import type { ClientCertificate } from './client-certificate.ts'

export interface SeenClient {
  readonly source: string
  /** What it was mapped by, such as `CN=genesys-prod`. */
  readonly mapping: string
  readonly fingerprint256: string
  /** Milliseconds since the epoch. */
  readonly notAfter: number
  /** When a connection last began with it. */
  readonly seenAt: number
}

/** A sender has an old certificate and a new one, on a few machines. */
export const MAX_SEEN_EACH = 4

export class SeenClients {
  #seen: readonly SeenClient[] = []

  /** Replaced with every change. */
  get list(): readonly SeenClient[] {
    return this.#seen
  }

  note(
    by: { readonly source: string; readonly mapping: string },
    { fingerprint256, notAfter }: ClientCertificate,
    seenAt: number,
  ): void {
    this.#seen = mergeSeen([{ ...by, fingerprint256, notAfter, seenAt }], this.#seen)
  }
}

/** The last few of each mapping, each certificate once. */
export function mergeSeen(...lists: readonly (readonly SeenClient[])[]): SeenClient[] {
  const kept: SeenClient[] = []
  for (const one of lists.flat().toSorted((a, b) => b.seenAt - a.seenAt)) {
    const own = kept.filter((it) => it.source === one.source && it.mapping === one.mapping)
    const isKnown = own.some(({ fingerprint256 }) => fingerprint256 === one.fingerprint256)
    if (!isKnown && own.length < MAX_SEEN_EACH) kept.push(one)
  }
  return kept
}

/**
 * The key under which an identity is remembered: 96 bits of the MD5 of scope and event id.
 *
 * MD5 because DuckDB has it and it is cheap on both sides (`keySql`); 96 bits because two of ten
 * million ids share them with a chance of 10^-15. A collision, made on purpose or not, loses
 * nothing: the bytes differ, and what then stands at the place of the known one decides
 * (loader/decide.ts).
 */
import { hash } from 'node:crypto'

/** Three unsigned 32-bit numbers. */
export type IdentityKey = readonly [number, number, number]

export function identityKey(scope: string, eventId: string): IdentityKey {
  // As text a digest costs a third of what it costs as a buffer.
  const digest = hash('md5', `${scope}\n${eventId}`, 'latin1')
  return [wordAt(digest, 0), wordAt(digest, 4), wordAt(digest, 8)]
}

function wordAt(digest: string, at: number): number {
  const high = (digest.charCodeAt(at + 3) << 24) | (digest.charCodeAt(at + 2) << 16)
  return (high | (digest.charCodeAt(at + 1) << 8) | digest.charCodeAt(at)) >>> 0
}

/**
 * The same in SQL, of two SQL expressions: a UHUGEINT whose three lowest words are the key.
 * `md5_number` costs a quarter of `md5_number_lower`.
 */
export function keySql(scope: string, eventId: string): string {
  return `md5_number((${scope}) || chr(10) || (${eventId}))`
}

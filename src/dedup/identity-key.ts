/**
 * The key under which an identity is remembered: 96 bits of the MD5 of scope and event id.
 *
 * MD5 because DuckDB has it and it is cheap on both sides (`keySql`); 96 bits because two of ten
 * million ids share them with a chance of 10^-15. A collision, made on purpose or not, loses
 * nothing: the bytes differ, and what then stands at the place of the known one decides
 * (loader/decide.ts).
 */
import { hash } from 'node:crypto'
import type { Slice } from '../core/slice.ts'
import { MOST_BYTES, ShortMd5 } from './short-md5.ts'

const LINE_FEED = 10

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

/** An id that stands somewhere as UTF-8. */
export interface StoredId {
  readonly scope: string
  readonly eventId: Slice
}

const block = new ShortMd5()
/** What stands at the beginning of the block. */
let scopeThere: string | null = null

/** Puts the key of such an id at word `at` of `words`. */
export function putKey(words: Uint32Array, at: number, { scope, eventId }: StoredId): void {
  const { bytes, from, to } = eventId
  const length = scope.length + 1 + to - from
  if (length > MOST_BYTES || !(scope === scopeThere || putScope(scope))) {
    words.set(identityKey(scope, bytes.toString('utf8', from, to)), at)
    return
  }
  const idAt = scope.length + 1
  for (let next = from; next < to; next++) block.bytes[idAt + next - from] = bytes[next] ?? 0
  block.digest(length)
  for (let word = 0; word < 3; word++) words[at + word] = block.words[word] ?? 0
}

/** False for one that is more than ASCII. */
function putScope(scope: string): boolean {
  scopeThere = null
  for (let at = 0; at < scope.length; at++) {
    const code = scope.charCodeAt(at)
    if (code > 127) return false
    block.bytes[at] = code
  }
  block.bytes[scope.length] = LINE_FEED
  scopeThere = scope
  return true
}

/**
 * The same in SQL, of two SQL expressions: a UHUGEINT whose three lowest words are the key.
 * `md5_number` costs a quarter of `md5_number_lower`.
 */
export function keySql(scope: string, eventId: string): string {
  return `md5_number((${scope}) || chr(10) || (${eventId}))`
}

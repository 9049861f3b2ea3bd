/**
 * The key under which an identity is remembered: 96 bits of the MD5 of scope and event id.
 *
 * MD5 because DuckDB has it and it is cheap on both sides (`keySql`); 96 bits because two of ten
 * million ids share them with a chance of 10^-15. A collision, made on purpose or not, loses
 * nothing: the bytes differ, and what then stands in the lake under the id decides
 * (loader/plan.ts).
 */
import { hash } from 'node:crypto'

/** Three unsigned 32-bit numbers. */
export type IdentityKey = readonly [number, number, number]

export function identityKey(scope: string, eventId: string): IdentityKey {
  const digest = hash('md5', `${scope}\n${eventId}`, 'buffer')
  return [digest.readUInt32LE(0), digest.readUInt32LE(4), digest.readUInt32LE(8)]
}

/** The same in SQL, of two SQL expressions: three UINTEGER expressions. */
export function keySql(scope: string, eventId: string): [string, string, string] {
  const text = `(${scope}) || chr(10) || (${eventId})`
  const low = `md5_number_lower(${text})`
  const high = `md5_number_upper(${text})`
  return [
    `(${high} & 4294967295)::UINTEGER`,
    `(${high} >> 32)::UINTEGER`,
    `(${low} & 4294967295)::UINTEGER`,
  ]
}

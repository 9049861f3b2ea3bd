/**
 * Where the files of a partition lie: `outcome=event/date=2026-01-01`.
 *
 * A value is percent-encoded to ASCII in the name of its folder, and the key so made is encoded
 * once more in `add.path`, which is a URI. The values that count are those of the log; folder names
 * are a convention that some engines prune by.
 */
import { InletError } from '../../core/errors.ts'
import type { PartitionValues } from './actions.ts'

/** The name that engines take for null. */
const nullFolder = '__HIVE_DEFAULT_PARTITION__'
/** What a file system allows for a name (255 bytes), less room for the name of the column. */
const maxEncodedBytes = 200

/** Columns in the order of `columns`; an empty text is null, as the protocol has it. */
export function partitionFolder(columns: readonly string[], values: PartitionValues): string {
  return columns.map((column) => `${column}=${encodeValue(column, values[column])}`).join('/')
}

/** The values as the log can hold them: no lone surrogates, and null for the empty text. */
export function storedValues(values: PartitionValues): PartitionValues {
  const entries = Object.entries(values)
  return Object.fromEntries(entries.map(([name, value]) => [name, value?.toWellFormed() || null]))
}

/** The key within the table of an `add.path`, and back. */
export const keyOfPath = (path: string): string => decodeURIComponent(path)
export const pathOfKey = (key: string): string => key.replaceAll('%', '%25')

function encodeValue(column: string, value: string | null | undefined): string {
  if (!value) return nullFolder
  const encoded = percentEncode(value)
  if (encoded.length > maxEncodedBytes)
    throw new InletError('INL_LAK_PARTITION_VALUE', { column, bytes: encoded.length })
  return encoded
}

/**
 * All but the unreserved characters of RFC 3986, so that no engine finds a second meaning; also the
 * first character of a text that engines take for null.
 */
function percentEncode(value: string): string {
  const encoded = encodeURIComponent(value.toWellFormed()).replace(/[!'()*]/g, hex)
  return /^(null|__HIVE_DEFAULT_PARTITION__)$/i.test(encoded) ? encoded.replace(/^./, hex) : encoded
}

const hex = (character: string): string =>
  `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`

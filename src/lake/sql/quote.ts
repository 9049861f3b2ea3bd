/** The only way that a text enters SQL other than as a parameter. */

/**
 * A string literal that DuckDB reads back as exactly `text`. Lone surrogates become U+FFFD.
 * DuckDB's parser takes NUL for the end of the statement: a text that holds one, as an event id
 * may, is put together of its parts.
 */
export function literal(text: string): string {
  const parts = text.split('\0').map((part) => `'${part.replaceAll("'", "''")}'`)
  return parts.length === 1 ? parts.join() : `concat(${parts.join(', chr(0), ')})`
}

/** A quoted identifier that names exactly `name`. Throws a TypeError where that holds NUL. */
export function identifier(name: string): string {
  if (name.includes('\0')) throw new TypeError('a name with NUL cannot be quoted for SQL')
  return `"${name.replaceAll('"', '""')}"`
}

/** `layer.name` as a qualified, quoted name. */
export function qualified(name: string): string {
  return name.split('.').map(identifier).join('.')
}

/** A list of string literals, for `read_parquet` and the like. */
export function literals(texts: readonly string[]): string {
  return `[${texts.map(literal).join(', ')}]`
}

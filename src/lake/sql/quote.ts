/** The only way that a text enters SQL other than as a parameter. */

/** A string literal that DuckDB reads back as exactly `text`. Lone surrogates become U+FFFD. */
export function literal(text: string): string {
  return `'${withoutNul(text).replaceAll("'", "''")}'`
}

/** A quoted identifier that names exactly `name`. */
export function identifier(name: string): string {
  return `"${withoutNul(name).replaceAll('"', '""')}"`
}

/** `layer.name` as a qualified, quoted name. */
export function qualified(name: string): string {
  return name.split('.').map(identifier).join('.')
}

/** A list of string literals, for `read_parquet` and the like. */
export function literals(texts: readonly string[]): string {
  return `[${texts.map(literal).join(', ')}]`
}

/** DuckDB's parser takes NUL for the end of the statement. */
function withoutNul(text: string): string {
  if (text.includes('\0')) throw new TypeError('a text with NUL cannot be quoted for SQL')
  return text
}

/**
 * JSON as untrusted input: its type, and parsing that never throws.
 *
 * Limit: numbers beyond 2^53 lose digits here. Whatever must not lose them (identity by content)
 * reads the text instead; see ./canonical.ts.
 */

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject

/** Keys are the sender's: read members through ./fields.ts, which sees own members only. */
export interface JsonObject {
  readonly [key: string]: JsonValue
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value)
}

/**
 * Undefined where the text is not JSON: no JSON text means undefined, so nothing is confused with
 * it.
 */
export function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The same memory as a Buffer, whose methods the event path uses. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The text without a byte order mark. What is not UTF-8 becomes U+FFFD: check that apart. */
export function decode(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}

/**
 * The header X-Forwarded-Client-Cert, in which Envoy tells of the client: elements between commas,
 * one for each proxy on the way, of `Key=Value` pairs between semicolons. A value that holds one of
 * these stands in double quotes, with `\"` for a quote in it.
 *
 * Source: Envoy, "HTTP header manipulation", x-forwarded-client-cert.
 */

export interface ForwardedClient {
  /** Percent-encoded PEM of the client's certificate; null where it is not told. */
  readonly certificate: string | null
  /** SHA-256 of that certificate, lower-case hexadecimal; null where it is not told. */
  readonly hash: string | null
}

const pair = /([A-Za-z]+)=("(?:[^"\\]|\\.)*"|[^",;]*)/y

/** Null where the text is not of this form or tells of several clients. */
export function readForwardedClient(text: string): ForwardedClient | null {
  const values = new Map<string, string>()
  let at = 0
  while (at < text.length) {
    pair.lastIndex = at
    const [whole = '', key = '', value = ''] = pair.exec(text) ?? []
    const name = key.toLowerCase()
    // URI and DNS may be told several times; what is read here may not.
    if (whole === '' || (isRead(name) && values.has(name))) return null
    values.set(name, value.startsWith('"') ? unquoted(value) : value)
    at += whole.length
    if (at === text.length) break
    if (text[at] !== ';') return null
    at++
  }
  const hash = values.get('hash')?.toLowerCase() ?? null
  return { certificate: values.get('cert') ?? null, hash }
}

function isRead(name: string): boolean {
  return name === 'cert' || name === 'hash'
}

function unquoted(value: string): string {
  return value.slice(1, -1).replaceAll(/\\(.)/g, '$1')
}

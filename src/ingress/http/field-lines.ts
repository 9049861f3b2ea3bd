/**
 * Headers, or trailers, that are looked up where they stand: of a dozen that a request has, the
 * door reads three, and asks for others that are not there. To make texts of all of their names,
 * and an object of those, costs as much as the rest of reading a head.
 *
 * Guarantee: a name is found in any case; a header that stands there again is what
 * `message.headers` of `node:http` documents.
 *
 * Limit: whoever asks goes through all of them, which is why there may be only so many.
 */
import { Malformed } from './malformed.ts'

/** By lower-case name. A Map is one too. */
export interface Headers {
  get(name: string): string | undefined
  entries(): Iterable<[string, string]>
}

export class FieldLines implements Headers {
  readonly #text: string
  /** Three numbers for each line: where it begins, where its colon is, and where it ends. */
  readonly #places: number[] = []

  /** Lines that are known to be well-formed, from `start` up to the empty one of `text`. */
  constructor(text: string, start: number, most: number) {
    this.#text = text
    const end = text.length - 2
    for (let at = start; at < end; ) {
      if (this.#places.length === 3 * most) throw new Malformed()
      const colon = text.indexOf(':', at)
      const stop = text.indexOf('\r', colon)
      this.#places.push(at, colon, stop)
      at = stop + 2
    }
  }

  get(name: string): string | undefined {
    const first = this.#find(name, 0)
    if (first === -1) return undefined
    let value = this.#valueOf(first)
    if (single.has(name)) return value
    for (let next = first; ; ) {
      next = this.#find(name, next + 3)
      if (next === -1) return value
      value += `${name === 'cookie' ? '; ' : ', '}${this.#valueOf(next)}`
    }
  }

  /** For what may stand there once: throws Malformed where it stands there again. */
  only(name: string): string | undefined {
    const place = this.#find(name, 0)
    if (place === -1) return undefined
    if (this.#find(name, place + 3) !== -1) throw new Malformed()
    return this.#valueOf(place)
  }

  /** Each name once, in the order of the lines. */
  entries(): Iterable<[string, string]> {
    const all = new Map<string, string>()
    for (let place = 0; place < this.#places.length; place += 3) {
      const [at, colon] = this.#places.slice(place, place + 2)
      const name = this.#text.slice(at, colon).toLowerCase()
      all.set(name, this.get(name) ?? '')
    }
    return all
  }

  /** The place of the first one from `from` on, or -1. */
  #find(name: string, from: number): number {
    const text = this.#text
    const places = this.#places
    for (let place = from; place < places.length; place += 3) {
      const at = places[place] as number
      const colon = places[place + 1] as number
      if (colon - at === name.length && isNamed(text, at, name)) return place
    }
    return -1
  }

  /** Optional whitespace is spaces and tabs, and not all that `trim` takes (RFC 9110, 5.6.3). */
  #valueOf(place: number): string {
    const text = this.#text
    let start = (this.#places[place + 1] as number) + 1
    let end = this.#places[place + 2] as number
    while (start < end && isSpace(text.charCodeAt(start))) start++
    while (start < end && isSpace(text.charCodeAt(end - 1))) end--
    return text.slice(start, end)
  }
}

function isNamed(text: string, at: number, name: string): boolean {
  for (let place = 0; place < name.length; place++) {
    const code = text.charCodeAt(at + place)
    const isUpper = code >= 0x41 && code <= 0x5a
    if ((isUpper ? code + 0x20 : code) !== name.charCodeAt(place)) return false
  }
  return true
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09
}

/** What is no list, and of which the first counts. */
const single = new Set([
  'age',
  'authorization',
  'content-type',
  'etag',
  'expires',
  'from',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'retry-after',
  'server',
  'user-agent',
])

/**
 * Cuts a stream of JSON into bodies of a few MiB between its values, whatever holds them: lines,
 * an array that is all of it, or values one after another.
 *
 * Guarantee: no byte is lost but the brackets and commas of such an array, and a body is never cut
 * within a value that is sound. Where damage hides where a value ends, it is cut before a line that
 * begins with `{`, once `longest` bytes have come; without such a line, anywhere.
 */
import {
  backslash,
  closeArray,
  closeObject,
  newline,
  openArray,
  openObject,
  quote,
} from '../../event/ascii.ts'
import { skipSeparators, trimmed } from '../../event/framing/bytes.ts'

export interface CutterOptions {
  /** A body is cut at the first boundary behind so many bytes. */
  readonly bytes: number
  readonly longest: number
}

const defaults: CutterOptions = { bytes: 4 * 2 ** 20, longest: 64 * 2 ** 20 }

export class Cutter {
  readonly #options: CutterOptions
  #pending: Buffer = Buffer.alloc(0)
  /** Up to where `#pending` was looked at. */
  #at = 0
  /** The last boundary in it: behind a value, outside of any other. */
  #boundary = 0
  #depth = 0
  #inString = false
  #isEscaped = false
  /** Null until the first byte that says so. */
  #inArray: boolean | null = null

  constructor(options: CutterOptions = defaults) {
    this.#options = options
  }

  /** Bodies that are whole by now. */
  *push(bytes: Buffer): Generator<Buffer> {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes])
    for (;;) {
      const found = this.#scan()
      if (found === 'more') break
      yield* this.#cut(this.#boundary)
      if (found === 'array-end') this.#skipBracket()
    }
    if (this.#pending.length >= this.#options.longest) yield* this.#cutDamaged()
  }

  /** What is left. */
  *end(): Generator<Buffer> {
    yield* this.#cut(this.#pending.length)
  }

  /** Looks on to the next place where a body ends, or to the end of what has come. */
  #scan(): 'enough' | 'array-end' | 'more' {
    while (this.#at < this.#pending.length) {
      if (this.#inString) {
        this.#skipString()
        continue
      }
      if (this.#inArray === null && !this.#begin()) return 'more'
      const byte = this.#pending[this.#at]
      const isOutside = this.#depth === 0
      if (isOutside && byte === closeArray && this.#inArray) {
        this.#boundary = this.#at
        return 'array-end'
      }
      this.#at++
      if (byte === quote) this.#inString = true
      else if (byte === openObject || byte === openArray) this.#depth++
      else if (byte === closeObject || byte === closeArray) this.#close()
      else if (isOutside && byte === newline) this.#boundary = this.#at
      if (this.#depth === 0 && this.#boundary >= this.#options.bytes) return 'enough'
    }
    return 'more'
  }

  /** False while nothing but blanks has come. */
  #begin(): boolean {
    this.#at = skipSeparators(this.#pending, this.#at)
    if (this.#at >= this.#pending.length) return false
    this.#inArray = this.#pending[this.#at] === openArray
    if (!this.#inArray) return true
    this.#pending = this.#pending.subarray(this.#at + 1)
    this.#at = 0
    return this.#pending.length > 0
  }

  #close(): void {
    if (this.#depth > 0) this.#depth--
    if (this.#depth === 0) this.#boundary = this.#at
  }

  #skipString(): void {
    const byte = this.#pending[this.#at++]
    if (this.#isEscaped) this.#isEscaped = false
    else if (byte === backslash) this.#isEscaped = true
    else if (byte === quote) this.#inString = false
  }

  *#cut(end: number): Generator<Buffer> {
    const body = this.#pending.subarray(0, end)
    this.#pending = this.#pending.subarray(end)
    this.#at = Math.max(0, this.#at - end)
    this.#boundary = 0
    const from = skipSeparators(body, 0)
    if (from === body.length) return
    yield this.#inArray ? arrayOf(trimmed(body, from, body.length)) : body
  }

  #skipBracket(): void {
    this.#pending = this.#pending.subarray(1)
    this.#at = 0
    this.#inArray = null
  }

  *#cutDamaged(): Generator<Buffer> {
    const line = this.#pending.lastIndexOf('\n{')
    yield* this.#cut(line > 0 ? line + 1 : this.#pending.length)
    this.#at = 0
    this.#depth = 0
    this.#inString = false
    this.#isEscaped = false
  }
}

function arrayOf(values: Buffer): Buffer {
  return Buffer.concat([Buffer.of(openArray), values, Buffer.of(closeArray)])
}

/**
 * A body in chunks (RFC 9112, section 7.1), decoded as its bytes come.
 *
 * Guarantee: pure, and as strict as ./head.ts. What chunks cost beside their data is bounded: size
 * lines, extensions and trailers are discarded, and all extensions together, as all trailers, may
 * be as long as a head.
 */
import { quotedString, token } from './grammar.ts'
import { readTrailers } from './head.ts'
import { Malformed } from './malformed.ts'

export interface ChunkLimits {
  /** Of extensions, and of trailers. */
  readonly headerBytes: number
  readonly headerCount: number
}

/** Section 7.1: a size, then extensions, each a name or a name and a value. */
const sizeLine = new RegExp(
  `^([0-9a-fA-F]{1,12})((?:;${token}(?:=(?:${token}|${quotedString}))?)*)\\r\\n$`,
)

const CR = 0x0d
const LF = 0x0a

export class Chunks {
  /** True once the last chunk and the trailers behind it are through. */
  isDone = false
  readonly #limits: ChunkLimits
  readonly #take: (piece: Buffer) => void
  /** What the next line is. Data comes without lines. */
  #next: 'size' | 'data' | 'end' | 'trailer' = 'size'
  /** Bytes of data that are left of the chunk. */
  #left = 0
  /** A line of which the end has not come; of trailers, all that came. */
  #line = ''
  #extensions = 0

  /** `take` is given the data, piece by piece. */
  constructor(limits: ChunkLimits, take: (piece: Buffer) => void) {
    this.#limits = limits
    this.#take = take
  }

  /** Where the body ends in `bytes`, or their end. Throws Malformed. */
  read(bytes: Buffer, start: number): number {
    let at = start
    while (at < bytes.length && !this.isDone)
      at = this.#next === 'data' ? this.#readData(bytes, at) : this.#readLine(bytes, at)
    return at
  }

  #readData(bytes: Buffer, at: number): number {
    const end = Math.min(at + this.#left, bytes.length)
    this.#left -= end - at
    this.#take(bytes.subarray(at, end))
    if (this.#left > 0) return end
    const isEnded = bytes[end] === CR && bytes[end + 1] === LF
    this.#next = isEnded ? 'size' : 'end'
    return isEnded ? end + 2 : end
  }

  #readLine(bytes: Buffer, at: number): number {
    const feed = bytes.indexOf(LF, at)
    const end = feed === -1 ? bytes.length : feed + 1
    const { headerBytes } = this.#limits
    if (this.#line.length + end - at > headerBytes) throw new Malformed()
    this.#line += bytes.toString('latin1', at, end)
    if (feed !== -1) this.#endLine(this.#line)
    return end
  }

  #endLine(line: string): void {
    if (this.#next === 'trailer') {
      if (!line.endsWith('\r\n')) throw new Malformed()
      if (line !== '\r\n' && !line.endsWith('\r\n\r\n')) return
      readTrailers(line, this.#limits.headerCount)
      this.isDone = true
    } else if (this.#next === 'size') this.#begin(line)
    else if (line === '\r\n') this.#next = 'size'
    else throw new Malformed()
    this.#line = ''
  }

  #begin(line: string): void {
    const [, size = '', extensions = ''] = sizeLine.exec(line) ?? []
    this.#extensions += extensions.length
    if (size === '' || this.#extensions > this.#limits.headerBytes) throw new Malformed()
    this.#left = Number.parseInt(size, 16)
    this.#next = this.#left === 0 ? 'trailer' : 'data'
  }
}

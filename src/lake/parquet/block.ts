/**
 * A block of memory that grows, and values put into it as Parquet stores them plainly: texts and
 * bytes behind their length, numbers in eight bytes, all little-endian.
 */
import type { Slice } from '../../core/slice.ts'

const SPARE_BYTES = 2 ** 16
/** Of more letters or bytes, calling out to the engine is cheaper than a loop over them. */
const SHORT = 64
const hexDigits = Uint16Array.from({ length: 256 }, (_, byte) =>
  Buffer.from(byte.toString(16).padStart(2, '0')).readUInt16LE(),
)

export class Block {
  /** What is put in stands from wherever the caller began up to `end`. */
  bytes: Buffer
  end = 0
  #view: DataView
  readonly #size: number

  /** It goes back to `size` at `clear`, whatever it had to take in between. */
  constructor(size: number) {
    this.#size = size + SPARE_BYTES
    this.bytes = Buffer.allocUnsafeSlow(this.#size)
    this.#view = viewOf(this.bytes)
  }

  /** The next value goes to `at`. */
  clear(at = 0): void {
    if (this.bytes.length > this.#size) this.#resize(this.#size)
    this.end = at
  }

  /** Lone surrogates become U+FFFD. */
  putText(text: string): void {
    this.#makeRoom(4 + 3 * text.length)
    const start = this.end + 4
    const end = this.#putAscii(text, start)
    const length = end === -1 ? this.bytes.write(text, start) : end - start
    this.#view.setUint32(this.end, length, true)
    this.end = start + length
  }

  putBytes({ bytes, from, to }: Slice): void {
    const length = to - from
    this.#makeRoom(4 + length)
    const start = this.end + 4
    this.#view.setUint32(this.end, length, true)
    if (length > SHORT) bytes.copy(this.bytes, start, from, to)
    else for (let at = 0; at < length; at++) this.bytes[start + at] = bytes[from + at] ?? 0
    this.end = start + length
  }

  /** As lower-case hexadecimal text. */
  putHex({ bytes, from, to }: Slice): void {
    this.#makeRoom(4 + 2 * (to - from))
    this.#view.setUint32(this.end, 2 * (to - from), true)
    this.end += 4
    for (let at = from; at < to; at++) {
      this.#view.setUint16(this.end, hexDigits[bytes[at] ?? 0] ?? 0, true)
      this.end += 2
    }
  }

  /** `value` times `factor`, for which 64 bits suffice: whole numbers, `value` up to 2^53. */
  putNumber(value: number, factor: number): void {
    this.#makeRoom(8)
    const high = Math.floor(value / 2 ** 32)
    const low = (value - high * 2 ** 32) * factor
    const carried = Math.floor(low / 2 ** 32)
    this.#view.setUint32(this.end, low - carried * 2 ** 32, true)
    this.#view.setInt32(this.end + 4, high * factor + carried, true)
    this.end += 8
  }

  /** The end of the text; -1 for one that is long, or more than ASCII. */
  #putAscii(text: string, start: number): number {
    const { bytes } = this
    const { length } = text
    if (length > SHORT) return -1
    for (let at = 0; at < length; at++) {
      const code = text.charCodeAt(at)
      if (code > 127) return -1
      bytes[start + at] = code
    }
    return start + length
  }

  #makeRoom(more: number): void {
    if (this.end + more <= this.bytes.length) return
    const old = this.bytes
    this.#resize(Math.max(this.end + more + SPARE_BYTES, 2 * old.length))
    this.bytes.set(old.subarray(0, this.end))
  }

  #resize(size: number): void {
    this.bytes = Buffer.allocUnsafeSlow(size)
    this.#view = viewOf(this.bytes)
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}

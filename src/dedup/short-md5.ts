/**
 * MD5 of what one block of it takes: up to 55 bytes. The engine's own is asked by a text and
 * answers by one, which for a short one costs three times what the block itself does.
 *
 * Limits: of more bytes `node:crypto` must be asked; the machine is little-endian. It keeps no
 * secrets. Source: RFC 1321.
 */

/** A byte and the length stand behind what is digested. */
export const MOST_BYTES = 55

const WORDS = 16
const STEPS = 64
const start = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476)
const sines = Int32Array.from(
  { length: STEPS },
  (_, step) => Math.abs(Math.sin(step + 1)) * 2 ** 32,
)
/** How far each step turns; a round has four, again and again. */
const turns = Uint8Array.of(7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21)

export class ShortMd5 {
  /** What is to be digested stands at its beginning. */
  readonly bytes: Uint8Array
  /** Four words: of what was digested last. */
  readonly words = new Uint32Array(4)
  readonly #block = new Int32Array(WORDS)

  constructor() {
    this.bytes = new Uint8Array(this.#block.buffer)
  }

  /** Of the first `length` bytes. */
  digest(length: number): void {
    const block = this.#block
    this.bytes[length] = 0x80
    for (let at = length + 1; at < 4 * WORDS; at++) this.bytes[at] = 0
    block[WORDS - 2] = 8 * length
    let a = start[0] ?? 0
    let b = start[1] ?? 0
    let c = start[2] ?? 0
    let d = start[3] ?? 0
    for (let step = 0; step < STEPS; step++) {
      const round = step >> 4
      let mixed = c ^ (b | ~d)
      let place = 7 * step
      if (round === 0) {
        mixed = (b & c) | (~b & d)
        place = step
      } else if (round === 1) {
        mixed = (d & b) | (~d & c)
        place = 5 * step + 1
      } else if (round === 2) {
        mixed = b ^ c ^ d
        place = 3 * step + 5
      }
      const sum = (a + mixed + (sines[step] ?? 0) + (block[place % WORDS] ?? 0)) | 0
      const turn = turns[4 * round + (step % 4)] ?? 0
      a = d
      d = c
      c = b
      b = (b + ((sum << turn) | (sum >>> (32 - turn)))) | 0
    }
    this.words[0] = a + (start[0] ?? 0)
    this.words[1] = b + (start[1] ?? 0)
    this.words[2] = c + (start[2] ?? 0)
    this.words[3] = d + (start[3] ?? 0)
  }
}

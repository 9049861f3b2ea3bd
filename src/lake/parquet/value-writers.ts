/**
 * Put the values of a column into a block, one after the other, and watch their bounds.
 *
 * Each is a class, although a closure would do: the engine compiles a method once, but a closure
 * that is made for a chunk again with every batch, which took a twentieth of its time.
 */
import type { Slice } from '../../core/slice.ts'
import type { Block } from './block.ts'
import { NumberBounds, TextBounds } from './bounds.ts'

export interface ValueWriter<Value> {
  put(value: Value): void
  /** Null where nobody asked. */
  readonly bounds: NumberBounds | TextBounds | null
}

export class TextWriter implements ValueWriter<string | Slice> {
  readonly bounds: TextBounds | null
  readonly #block: Block

  constructor(block: Block, measured: boolean) {
    this.#block = block
    this.bounds = measured ? new TextBounds() : null
  }

  put(text: string | Slice): void {
    const block = this.#block
    const start = block.end + 4
    if (typeof text === 'string') block.putText(text)
    else block.putBytes(text)
    this.bounds?.add(block.bytes, start, block.end)
  }
}

export class BytesWriter implements ValueWriter<Slice> {
  readonly bounds = null
  readonly #block: Block

  constructor(block: Block) {
    this.#block = block
  }

  put(bytes: Slice): void {
    this.#block.putBytes(bytes)
  }
}

/** Bytes as lower-case hexadecimal text. */
export class HexWriter implements ValueWriter<Slice> {
  readonly bounds = null
  readonly #block: Block

  constructor(block: Block) {
    this.#block = block
  }

  put(bytes: Slice): void {
    this.#block.putHex(bytes)
  }
}

/** Whole numbers up to 2^53, each of which is stored times `factor`. */
export class NumberWriter implements ValueWriter<number> {
  readonly bounds: NumberBounds | null
  readonly #block: Block
  readonly #factor: number

  constructor(block: Block, { factor, measured }: { factor: number; measured: boolean }) {
    this.#block = block
    this.#factor = factor
    this.bounds = measured ? new NumberBounds() : null
  }

  put(value: number): void {
    this.#block.putNumber(value, this.#factor)
    this.bounds?.add(value)
  }
}

/**
 * Writes one Parquet file, a row group at a time; ./format.ts says how it is laid out.
 *
 * Guarantee: once `finish` resolved the file is whole, though not durable. Limits: a group is held
 * compressed until it is written.
 */
import type { OpenFile } from '../../core/files.ts'
import type { ColumnChunk } from './chunk-encoder.ts'
import { footer, MAGIC, type PlacedChunk, type StoredColumn } from './format.ts'

export class ParquetFile {
  readonly #file: OpenFile
  readonly #columns: readonly StoredColumn[]
  readonly #groups: PlacedChunk[][] = []
  #size = 0

  constructor(file: OpenFile, columns: readonly StoredColumn[]) {
    this.#file = file
    this.#columns = columns
  }

  /** The chunks of a row group, in the order of the columns. */
  async addGroup(chunks: readonly ColumnChunk[]): Promise<void> {
    const waiting: Uint8Array[] = this.#groups.length === 0 ? [MAGIC] : []
    const group: PlacedChunk[] = []
    let at = this.#size + lengthOf(waiting)
    for (const [index, column] of this.#columns.entries()) {
      const chunk = chunks[index]
      if (chunk === undefined) throw new RangeError(`a group lacks its column ${column.name}`)
      const { parts, ...facts } = chunk
      group.push({ ...facts, column, at })
      waiting.push(...parts)
      at += facts.sizes.compressed
    }
    this.#groups.push(group)
    await this.#append(Buffer.concat(waiting))
  }

  /** Of a file with at least one group: resolves to its size in bytes. */
  async finish(): Promise<number> {
    await this.#append(footer(this.#groups))
    return this.#size
  }

  async #append(bytes: Uint8Array): Promise<void> {
    await this.#file.write(bytes, this.#size)
    this.#size += bytes.length
  }
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0)
}

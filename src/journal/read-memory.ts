/**
 * Memory that one reading after another stands in. A batch of the loader is read into 64 MiB: taken
 * anew each time, so much makes the engine collect its whole heap several times a batch.
 *
 * Limits: one reading at a time; between two it holds what the last one took.
 */
export class ReadMemory {
  #blocks: Buffer[] = []
  #taken = 0

  /** Whoever holds what was read before has done with it. As much memory as that took stays. */
  begin(): void {
    this.#blocks.length = this.#taken
    this.#taken = 0
  }

  /** At least so many bytes: the caller's until the next `begin`. */
  take(bytes: number): Buffer {
    const place = this.#taken++
    const block = this.#blocks[place]
    if (block !== undefined && block.length >= bytes) return block.subarray(0, bytes)
    const fresh = Buffer.allocUnsafeSlow(bytes)
    this.#blocks[place] = fresh
    return fresh
  }
}

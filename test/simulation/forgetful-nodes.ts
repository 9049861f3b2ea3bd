/**
 * A file and a folder that know two states: what running processes see, and what is on the disk.
 * Between them stand the unsynced changes, in order, of which a power loss keeps any part.
 *
 * `mark` is a point in a node's history: a sync covers what was done before it was called, not what
 * other calls did while it ran.
 */
import type { Loss } from './forgetful-loss.ts'

/** Bytes with zeros wherever nothing was written. */
class Image {
  size = 0
  #held = Buffer.alloc(0)

  read(into: Uint8Array, offset: number): number {
    const count = Math.max(0, Math.min(into.length, this.size - offset))
    into.fill(0, 0, count)
    into.set(this.#held.subarray(offset, offset + count))
    return count
  }

  write(bytes: Uint8Array, offset: number) {
    if (bytes.length === 0) return
    const end = offset + bytes.length
    if (end > this.#held.length) {
      const grown = Buffer.alloc(Math.max(end, this.#held.length * 2))
      this.#held.copy(grown)
      this.#held = grown
    }
    this.#held.set(bytes, offset)
    this.size = Math.max(this.size, end)
  }

  truncate(size: number) {
    this.#held.fill(0, Math.min(size, this.#held.length))
    this.size = size
  }

  copy(): Image {
    const copy = new Image()
    copy.write(this.#held.subarray(0, this.size), 0)
    copy.size = this.size
    return copy
  }
}

type Change =
  | { readonly kind: 'write'; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly size: number }

export class FileNode {
  modifiedAt: number
  #seen = new Image()
  #durable = new Image()
  #unsynced: Change[] = []
  #synced = 0
  #diverged = false

  constructor(modifiedAt: number) {
    this.modifiedAt = modifiedAt
  }

  get size(): number {
    return this.#seen.size
  }

  get mark(): number {
    return this.#synced + this.#unsynced.length
  }

  read(into: Uint8Array, offset: number): number {
    return this.#seen.read(into, offset)
  }

  readAll(): Buffer {
    const bytes = Buffer.alloc(this.size)
    this.read(bytes, 0)
    return bytes
  }

  write(bytes: Uint8Array, offset: number) {
    this.#change({ kind: 'write', offset, bytes: Buffer.from(bytes) })
  }

  truncate(size: number) {
    this.#change({ kind: 'truncate', size })
  }

  sync(mark: number) {
    for (const change of this.#take(mark)) apply(this.#durable, change)
  }

  /**
   * A sync that fails, as Linux does it: the kernel drops the changes as if they were written.
   * Processes still see them, any part of them is on the disk, and a later sync has nothing left to
   * do.
   */
  failSync(loss: Loss) {
    this.#diverged ||= this.#unsynced.length > 0
    for (const change of this.#take(this.mark)) applyPart(this.#durable, change, loss)
  }

  crash(loss: Loss) {
    this.failSync(loss)
    if (this.#diverged) this.#seen = this.#durable.copy()
    this.#diverged = false
  }

  #change(change: Change) {
    apply(this.#seen, change)
    this.#unsynced.push(change)
  }

  #take(mark: number): Change[] {
    const taken = this.#unsynced.splice(0, mark - this.#synced)
    this.#synced += taken.length
    return taken
  }
}

function apply(image: Image, change: Change) {
  if (change.kind === 'truncate') image.truncate(change.size)
  else image.write(change.bytes, change.offset)
}

/**
 * The size is a change of its own: it may lag behind the bytes, or run ahead of them into zeros.
 */
function applyPart(image: Image, change: Change, loss: Loss) {
  if (change.kind === 'truncate') {
    if (loss.keeps(image)) image.truncate(change.size)
    return
  }
  const before = image.size
  const { bytes, offset } = change
  for (const { start, end } of loss.pieces(offset, bytes.length))
    if (loss.keeps(image)) image.write(bytes.subarray(start, end), offset + start)
  const whole = Math.max(before, offset + bytes.length)
  if (!loss.keepsAllOf(image)) image.truncate(loss.pick([before, image.size, whole]))
}

export type Node = FileNode | FolderNode

/** Names that change together or not at all: a rename within a folder takes two. */
export interface NameChange {
  readonly folder: FolderNode
  readonly names: readonly (readonly [name: string, node: Node | null])[]
  /** Leaving a folder for another: the name goes only if the name in the other folder came. */
  readonly needs: NameChange | null
}

export class FolderNode {
  modifiedAt: number
  #seen = new Map<string, Node>()
  #durable = new Map<string, Node>()
  #unsynced: NameChange[] = []
  #synced = 0

  constructor(modifiedAt: number) {
    this.modifiedAt = modifiedAt
  }

  get mark(): number {
    return this.#synced + this.#unsynced.length
  }

  get(name: string): Node | undefined {
    return this.#seen.get(name)
  }

  entries(): [string, Node][] {
    return [...this.#seen]
  }

  change(names: NameChange['names'], needs: NameChange | null = null): NameChange {
    const change = { folder: this, names, needs }
    applyNames(this.#seen, change)
    this.#unsynced.push(change)
    return change
  }

  sync(mark: number) {
    const taken = this.#unsynced.splice(0, mark - this.#synced)
    this.#synced += taken.length
    for (const change of taken) {
      applyNames(this.#durable, change)
      if (change.needs !== null) change.needs.folder.#include(change.needs)
    }
  }

  /** Returns what is left in the folder. */
  crash(lottery: NameLottery): Node[] {
    for (const change of this.#unsynced)
      if (lottery.keeps(change)) applyNames(this.#durable, change)
    this.#synced += this.#unsynced.length
    this.#unsynced = []
    this.#seen = new Map(this.#durable)
    return [...this.#seen.values()]
  }

  /** Makes everything up to and with `change` durable. */
  #include(change: NameChange) {
    const index = this.#unsynced.indexOf(change)
    if (index >= 0) this.sync(this.#synced + index + 1)
  }

  /** True when the change waits for a sync. */
  awaits(change: NameChange): boolean {
    return this.#unsynced.includes(change)
  }
}

function applyNames(names: Map<string, Node>, change: NameChange) {
  for (const [name, node] of change.names) {
    if (node === null) names.delete(name)
    else names.set(name, node)
  }
}

/** Draws for name changes, each once, so that the two halves of a move across folders agree. */
export class NameLottery {
  readonly #loss: Loss
  readonly #drawn = new Map<NameChange, boolean>()

  constructor(loss: Loss) {
    this.#loss = loss
  }

  keeps(change: NameChange): boolean {
    const drawn = this.#drawn.get(change)
    if (drawn !== undefined) return drawn
    const { needs, folder } = change
    const allowed = needs === null || this.keeps(needs)
    const kept = !folder.awaits(change) || (allowed && this.#loss.keeps(folder))
    this.#drawn.set(change, kept)
    return kept
  }
}

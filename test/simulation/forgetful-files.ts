/**
 * A disk that forgets: the twin of src/core/node-files.ts for tests of what survives a loss of
 * power.
 *
 * A test mounts it once for each simulated process, lets it work, and calls `crash`. What was
 * synced by the words of src/core/files.ts is then still there, and of everything else an arbitrary
 * part:
 * - bytes: unsynced writes survive in pieces, cut at sectors, pages or any byte; what is lost reads
 *   as before, or as zeros where the file grew; the size is a change of its own
 * - names: each unsynced create, link, rename and remove in a folder survives or not,
 *   independently; a rename within a folder is atomic, and one across folders never loses both
 *   names; a lost folder takes all below it with it
 * - a failed `sync` drops what it should have written, and the next one succeeds without it
 *
 * Limits: paths are POSIX, everything is in memory, folders are never removed and have size 0, and
 * a call without a hook takes effect at once, so that only hooks make calls overlap.
 */
import type { Files } from '../../src/core/files.ts'
import type { Random } from '../../src/core/random.ts'
import type { FileCall, Hooks, Work } from './forgetful-calls.ts'
import { ProcessGone } from './forgetful-calls.ts'
import { Loss } from './forgetful-loss.ts'
import { mountFiles } from './forgetful-mount.ts'
import { FileNode, type FolderNode, NameLottery } from './forgetful-nodes.ts'
import { Tree } from './forgetful-tree.ts'

export type { FileCall, Hooks, SyncCall } from './forgetful-calls.ts'
export { ProcessGone } from './forgetful-calls.ts'
export { systemError } from './forgetful-tree.ts'

export class ForgetfulDisk {
  /** May be set and replaced at any time. */
  hooks: Hooks = {}
  /** Bytes of file content that fit; a write beyond it writes what fits and fails with ENOSPC. */
  capacity = Number.POSITIVE_INFINITY
  #calls = 0
  readonly #random: Random
  readonly #now: () => number
  readonly #tree: Tree
  readonly #alive = new Set<Files>()

  /**
   * `random` decides what refused writes and failed syncs leave; `now` gives modification times.
   */
  constructor(random: Random, now: () => number = () => 0) {
    this.#random = random
    this.#now = now
    this.#tree = new Tree(now)
  }

  /** Calls so far, in all processes. */
  get calls(): number {
    return this.#calls
  }

  /** The disk as one process sees it, until that process is killed or the power fails. */
  mount(): Files {
    const files: Files = mountFiles({
      tree: this.#tree,
      now: this.#now,
      random: this.#random,
      room: () => (this.capacity === Infinity ? Infinity : this.capacity - this.#tree.bytes()),
      skips: (call) => this.hooks.skipSync?.(call()) ?? false,
      run: (call, work) => this.#run(files, call, work),
    })
    this.#alive.add(files)
    return files
  }

  /** The process ends as by SIGKILL: its calls reject, what it wrote is still seen by others. */
  kill(files: Files) {
    this.#alive.delete(files)
  }

  /**
   * The power fails: every process is gone; the disk keeps what is durable and a part of the rest.
   */
  crash(random: Random) {
    this.#alive.clear()
    const loss = new Loss(random)
    const lottery = new NameLottery(loss)
    const reached = new Set<FileNode | FolderNode>([this.#tree.root])
    for (const node of reached) {
      if (node instanceof FileNode) node.crash(loss)
      else for (const child of node.crash(lottery)) reached.add(child)
    }
  }

  async #run<T>(files: Files, call: Omit<FileCall, 'ordinal'>, work: Work<T>): Promise<T> {
    this.#check(files)
    const numbered = { ...call, ordinal: this.#calls++ }
    const { before, after } = this.hooks
    try {
      if (before !== undefined) await before(numbered)
    } catch (error) {
      this.#check(files)
      work.refused?.()
      throw error
    }
    this.#check(files)
    const result = work.effect()
    if (after !== undefined) await after(numbered)
    this.#check(files)
    return result
  }

  #check(files: Files) {
    if (!this.#alive.has(files)) throw new ProcessGone('the process is gone')
  }
}

/** Hooks that let the power fail before or after the call of that ordinal. */
export function crashAt(
  disk: ForgetfulDisk,
  { ordinal, when, random }: { ordinal: number; when: 'before' | 'after'; random: Random },
): Hooks {
  let done = false
  const crash = (call: FileCall) => {
    // A call of a dead process may have taken the very number: then the one behind it will do.
    if (done || call.ordinal < ordinal) return
    done = true
    disk.crash(random)
  }
  return when === 'before' ? { before: crash } : { after: crash }
}

/** The calls of a forgetful disk as a test's hooks see them. */
import type { Files, OpenFile } from '../../src/core/files.ts'

export interface FileCall {
  readonly operation: keyof Files | keyof OpenFile
  /** Of an open file: the path that it was opened under. Of `link` and `rename`: the old one. */
  readonly path: string
  /** How many calls the disk had before this one, in all processes. */
  readonly ordinal: number
}

export interface SyncCall {
  readonly operation: 'sync' | 'syncFolder'
  readonly path: string
  /** Where the code calls from, such as `src/core/node-files.ts:88`; see ./sync-site.ts. */
  readonly site: string
}

/**
 * `before` and `after` may throw (`systemError`), crash the disk, or wait: the call waits with
 * them.
 */
export interface Hooks {
  /**
   * The call has done nothing. A write refused here leaves an arbitrary first part of its bytes.
   */
  before?: ((call: FileCall) => void | Promise<void>) | undefined
  /** The call is done, but its caller does not know. */
  after?: ((call: FileCall) => void | Promise<void>) | undefined
  /** True: this sync claims success and does nothing. */
  skipSync?: ((call: SyncCall) => boolean) | undefined
}

/** What every call of a process that was killed, or went with the power, rejects with. */
export class ProcessGone extends Error {
  override readonly name = 'ProcessGone'
}

/** What a call does, and what it leaves where a hook refuses it. */
export interface Work<T> {
  readonly effect: () => T
  readonly refused?: () => void
}

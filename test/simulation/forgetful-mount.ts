/** The `Files` port of one process on a forgetful disk. */
import type { Files, OpenFile } from '../../src/core/files.ts'
import type { Random } from '../../src/core/random.ts'
import type { FileCall, SyncCall, Work } from './forgetful-calls.ts'
import { Loss } from './forgetful-loss.ts'
import type { FileNode } from './forgetful-nodes.ts'
import { systemError, type Tree } from './forgetful-tree.ts'
import { syncSite } from './sync-site.ts'

export interface MountDeps {
  readonly tree: Tree
  readonly now: () => number
  readonly random: Random
  /** Bytes that may still be written. */
  readonly room: () => number
  readonly skips: (call: () => SyncCall) => boolean
  /** The one way through which every call goes. */
  readonly run: <T>(call: Omit<FileCall, 'ordinal'>, work: Work<T>) => Promise<T>
}

export function mountFiles(deps: MountDeps): Files {
  const { tree, run } = deps
  return {
    open: (path, mode) =>
      run(
        { operation: 'open', path },
        {
          effect: () => {
            const isNew = mode === 'create' || mode === 'create-synced'
            const node = isNew ? tree.create(path) : tree.file(path, 'open')
            const file = openFile(deps, { node, path, writable: mode !== 'read' })
            return mode === 'create-synced' ? syncedFile(deps, { node, path, file }) : file
          },
        },
      ),
    readAll: (path) =>
      run({ operation: 'readAll', path }, { effect: () => tree.file(path, 'open').readAll() }),
    list: (path) => run({ operation: 'list', path }, { effect: () => tree.list(path) }),
    stat: (path) => run({ operation: 'stat', path }, { effect: () => tree.stat(path) }),
    makeFolder: (path) =>
      run({ operation: 'makeFolder', path }, { effect: () => tree.makeFolder(path) }),
    link: (path, to) => run({ operation: 'link', path }, { effect: () => tree.link(path, to) }),
    rename: (path, to) =>
      run({ operation: 'rename', path }, { effect: () => tree.rename(path, to) }),
    remove: (path) => run({ operation: 'remove', path }, { effect: () => tree.remove(path) }),
    syncFolder: (path) => {
      const skipped = deps.skips(() => ({ operation: 'syncFolder', path, site: syncSite() }))
      const mark = skipped ? 0 : tree.find(path)?.mark
      const effect = () => tree.folder(path, 'open').sync(mark ?? 0)
      return run({ operation: 'syncFolder', path }, { effect })
    },
    freeBytes: (path) =>
      run(
        { operation: 'freeBytes', path },
        {
          effect: () => {
            if (tree.find(path) === undefined) throw systemError('ENOENT', 'statfs', path)
            return Math.max(0, Math.min(deps.room(), Number.MAX_SAFE_INTEGER))
          },
        },
      ),
  }
}

/** Asked while the caller is still on the stack. */
const skipsSync = ({ skips }: MountDeps, path: string): boolean =>
  skips(() => ({ operation: 'sync', path, site: syncSite() }))

/**
 * A file that each write syncs. Some writes are cut in two, as a kernel may do it, each of which is
 * durable by itself.
 */
function syncedFile(
  deps: MountDeps,
  { node, path, file }: { node: FileNode; path: string; file: OpenFile },
): OpenFile {
  const sync = (skipped: boolean) =>
    deps.run(
      { operation: 'sync', path },
      {
        effect: () => node.sync(skipped ? 0 : node.mark),
        refused: () => node.failSync(new Loss(deps.random)),
      },
    )
  return {
    ...file,
    async write(bytes, offset) {
      const skipped = skipsSync(deps, path)
      const cut = deps.random.below(4) === 0 ? deps.random.below(bytes.length + 1) : 0
      for (const [from, to] of [
        [0, cut],
        [cut, bytes.length],
      ] as const) {
        if (from === to) continue
        await file.write(bytes.subarray(from, to), offset + from)
        await sync(skipped)
      }
    },
  }
}

interface Opened {
  readonly node: FileNode
  readonly path: string
  readonly writable: boolean
}

function openFile(deps: MountDeps, { node, path, writable }: Opened): OpenFile {
  let closed = false
  const run = <T>(operation: keyof OpenFile, { effect, ...rest }: Work<T>) => {
    const checked = () => {
      if (closed) throw systemError('EBADF', operation, path)
      return effect()
    }
    return deps.run({ operation, path }, { ...rest, effect: checked })
  }
  const change = (apply: () => void) => () => {
    if (!writable) throw systemError('EBADF', 'write', path)
    node.modifiedAt = deps.now()
    apply()
  }
  return {
    write: (bytes, offset) =>
      run('write', {
        effect: change(() => {
          const fits = Math.max(0, node.size + deps.room() - offset)
          node.write(bytes.subarray(0, fits), offset)
          if (fits < bytes.length) throw systemError('ENOSPC', 'write', path)
        }),
        refused: () => node.write(bytes.subarray(0, deps.random.below(bytes.length + 1)), offset),
      }),
    read: (into, offset) => run('read', { effect: () => node.read(into, offset) }),
    size: () => run('size', { effect: () => node.size }),
    truncate: (size) => run('truncate', { effect: change(() => node.truncate(size)) }),
    sync: () => {
      const mark = skipsSync(deps, path) ? 0 : node.mark
      return run('sync', {
        effect: () => node.sync(mark),
        refused: () => node.failSync(new Loss(deps.random)),
      })
    },
    close: () =>
      run('close', {
        effect: () => {
          closed = true
        },
      }),
  }
}

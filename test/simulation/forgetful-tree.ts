/** The tree of names of a forgetful disk: finds and changes nodes, and fails as the system does. */
import { posix } from 'node:path'
import type { FileStat } from '../../src/core/files.ts'
import { FileNode, FolderNode, type Node } from './forgetful-nodes.ts'

const meanings = {
  EBADF: 'bad file descriptor',
  EEXIST: 'file already exists',
  EINVAL: 'invalid argument',
  EIO: 'input/output error',
  EISDIR: 'illegal operation on a directory',
  ENOENT: 'no such file or directory',
  ENOSPC: 'no space left on device',
  ENOTDIR: 'not a directory',
  EPERM: 'operation not permitted',
} as const

/** An error as Node makes it from the system's. */
export function systemError(code: keyof typeof meanings, syscall: string, path: string): Error {
  const error = new Error(`${code}: ${meanings[code]}, ${syscall} '${path}'`)
  return Object.assign(error, { code, syscall, path })
}

interface Place {
  readonly folder: FolderNode
  readonly name: string
  readonly node: Node | undefined
}

export class Tree {
  readonly root: FolderNode
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
    this.root = new FolderNode(now())
  }

  find(path: string): Node | undefined {
    let node: Node | undefined = this.root
    for (const name of namesOf(path)) {
      if (!(node instanceof FolderNode)) return undefined
      node = node.get(name)
    }
    return node
  }

  file(path: string, syscall: string): FileNode {
    const { node } = this.#place(path, syscall)
    if (node === undefined) throw systemError('ENOENT', syscall, path)
    if (node instanceof FolderNode) throw systemError('EISDIR', syscall, path)
    return node
  }

  folder(path: string, syscall: string): FolderNode {
    const node = this.find(path)
    if (node === undefined) throw systemError('ENOENT', syscall, path)
    if (node instanceof FileNode) throw systemError('ENOTDIR', syscall, path)
    return node
  }

  stat(path: string): FileStat | null {
    const node = this.find(path)
    if (node === undefined) return null
    const isFolder = node instanceof FolderNode
    return { size: isFolder ? 0 : node.size, modifiedAt: node.modifiedAt, isFolder }
  }

  list(path: string): string[] {
    return this.folder(path, 'scandir')
      .entries()
      .map(([name]) => name)
      .sort()
  }

  create(path: string): FileNode {
    const { folder, name, node } = this.#place(path, 'open')
    if (node !== undefined) throw systemError('EEXIST', 'open', path)
    const created = new FileNode(this.#now())
    folder.change([[name, created]])
    return created
  }

  makeFolder(path: string) {
    if (this.find(path) instanceof FileNode) throw systemError('EEXIST', 'mkdir', path)
    let folder = this.root
    for (const name of namesOf(path)) {
      const found = folder.get(name)
      if (found instanceof FileNode) throw systemError('ENOTDIR', 'mkdir', path)
      const next = found ?? new FolderNode(this.#now())
      if (found === undefined) folder.change([[name, next]])
      folder = next
    }
  }

  link(from: string, to: string) {
    const source = this.#place(from, 'link')
    const target = this.#place(to, 'link')
    if (source.node === undefined) throw systemError('ENOENT', 'link', from)
    if (source.node instanceof FolderNode) throw systemError('EPERM', 'link', from)
    if (target.node !== undefined) throw systemError('EEXIST', 'link', to)
    target.folder.change([[target.name, source.node]])
  }

  rename(from: string, to: string) {
    const source = this.#place(from, 'rename')
    const target = this.#place(to, 'rename')
    if (source.node === undefined) throw systemError('ENOENT', 'rename', from)
    this.#checkReplace(source.node, target.node, to)
    if (source.node === target.node) return
    const came = [target.name, source.node] as const
    const went = [source.name, null] as const
    if (source.folder === target.folder) target.folder.change([came, went])
    else source.folder.change([went], target.folder.change([came]))
  }

  remove(path: string) {
    const { folder, name } = this.#place(path, 'unlink')
    this.file(path, 'unlink')
    folder.change([[name, null]])
  }

  /** Bytes of all files that have a name, each once. */
  bytes(): number {
    const reached = new Set<Node>([this.root])
    let bytes = 0
    for (const node of reached) {
      if (node instanceof FileNode) bytes += node.size
      else for (const [, child] of node.entries()) reached.add(child)
    }
    return bytes
  }

  #checkReplace(source: Node, target: Node | undefined, to: string) {
    if (target === undefined) return
    if (source instanceof FileNode && target instanceof FolderNode)
      throw systemError('EISDIR', 'rename', to)
    if (source instanceof FolderNode && target instanceof FileNode)
      throw systemError('ENOTDIR', 'rename', to)
  }

  #place(path: string, syscall: string): Place {
    const names = namesOf(path)
    const name = names.pop()
    if (name === undefined) throw systemError('EISDIR', syscall, path)
    const folder = this.find(`/${names.join('/')}`)
    if (folder === undefined) throw systemError('ENOENT', syscall, path)
    if (folder instanceof FileNode) throw systemError('ENOTDIR', syscall, path)
    return { folder, name, node: folder.get(name) }
  }
}

function namesOf(path: string): string[] {
  return posix
    .resolve('/', path)
    .split('/')
    .filter((name) => name !== '')
}

/** What every driver of the `Files` port does, as far as a running process can see. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { type Files, isSystemError } from '../../src/core/files.ts'

export interface FilesHarness {
  readonly files: Files
  /** An empty folder that exists. */
  readonly folder: string
  dispose(): Promise<void>
}

export function filesContract(name: string, open: () => Promise<FilesHarness>) {
  suite(`${name} keeps the contract of Files`, () => {
    let harness: FilesHarness
    let files: Files
    const at = (path: string) => `${harness.folder}/${path}`

    beforeEach(async () => {
      harness = await open()
      files = harness.files
    })
    afterEach(() => harness.dispose())

    contentTests(() => ({ files, at }))
    handleTests(() => ({ files, at }))
    nameTests(() => ({ files, at }))
    folderTests(() => ({ files, at }))
  })
}

type World = () => { files: Files; at: (path: string) => string }

function contentTests(world: World) {
  test('a file gives back what was written, wherever it was written', async () => {
    const { files, at } = world()
    const file = await files.open(at('a'), 'create')
    await file.write(Buffer.from('hello world'), 0)
    await file.write(Buffer.from('W'), 6)
    await file.sync()
    await file.close()
    assert.equal((await files.readAll(at('a'))).toString(), 'hello World')
  })

  test('a hole reads as zeros', async () => {
    const { files, at } = world()
    const file = await files.open(at('a'), 'create')
    await file.write(Buffer.from('x'), 3)
    assert.equal(await file.size(), 4)
    await file.close()
    assert.deepEqual([...(await files.readAll(at('a')))], [0, 0, 0, 120])
  })

  test('an empty write changes nothing', async () => {
    const { files, at } = world()
    const file = await files.open(at('a'), 'create')
    await file.write(new Uint8Array(0), 10)
    assert.equal(await file.size(), 0)
    await file.close()
  })

  test('a read fills what it is given, and less only at the end', async () => {
    const { files, at } = world()
    const file = await files.open(at('a'), 'create')
    await file.write(Buffer.from('abcdef'), 0)
    const into = Buffer.alloc(4)
    assert.equal(await file.read(into, 1), 4)
    assert.equal(into.toString(), 'bcde')
    assert.equal(await file.read(into, 4), 2)
    assert.equal(into.toString(), 'efde')
    assert.equal(await file.read(into, 6), 0)
    assert.equal(await file.read(into, 100), 0)
    await file.close()
  })

  test('truncate cuts, and grows with zeros', async () => {
    const { files, at } = world()
    const file = await files.open(at('a'), 'create')
    await file.write(Buffer.from('abcdef'), 0)
    await file.truncate(2)
    await file.truncate(4)
    assert.equal(await file.size(), 4)
    await file.close()
    assert.deepEqual([...(await files.readAll(at('a')))], [97, 98, 0, 0])
  })

  test('bytes may be changed by the caller once the write resolved', async () => {
    const { files, at } = world()
    const file = await files.open(at('a'), 'create')
    const bytes = Buffer.from('abc')
    await file.write(bytes, 0)
    bytes.fill(0)
    await file.close()
    assert.equal((await files.readAll(at('a'))).toString(), 'abc')
  })
}

function handleTests(world: World) {
  test('create refuses a name that is taken', async () => {
    const { files, at } = world()
    await put(files, at('a'), 'x')
    await rejectsWith('EEXIST', files.open(at('a'), 'create'))
    await files.makeFolder(at('b'))
    await rejectsWith('EEXIST', files.open(at('b'), 'create'))
  })

  test('a file that each write syncs is one like others, under a free name', async () => {
    const { files, at } = world()
    const file = await files.open(at('a'), 'create-synced')
    await file.write(Buffer.from('hello world'), 0)
    await file.write(Buffer.from('W'), 6)
    const into = Buffer.alloc(11)
    assert.equal(await file.read(into, 0), 11)
    await file.close()
    assert.equal(into.toString(), 'hello World')
    assert.equal((await files.readAll(at('a'))).toString(), 'hello World')
    await rejectsWith('EEXIST', files.open(at('a'), 'create-synced'))
  })

  test('update and read refuse a name that is free', async () => {
    const { files, at } = world()
    await rejectsWith('ENOENT', files.open(at('a'), 'update'))
    await rejectsWith('ENOENT', files.open(at('a'), 'read'))
    await rejectsWith('ENOENT', files.readAll(at('a')))
    await rejectsWith('ENOENT', files.open(at('none/a'), 'create'))
    await put(files, at('file'), 'x')
    await rejectsWith('ENOTDIR', files.open(at('file/a'), 'create'))
  })

  test('update keeps the content, reads it and changes it', async () => {
    const { files, at } = world()
    await put(files, at('a'), 'abc')
    const file = await files.open(at('a'), 'update')
    const into = Buffer.alloc(3)
    await file.read(into, 0)
    await file.write(Buffer.from('X'), 1)
    await file.close()
    assert.equal(into.toString(), 'abc')
    assert.equal((await files.readAll(at('a'))).toString(), 'aXc')
  })

  test('a file opened for reading cannot be written', async () => {
    const { files, at } = world()
    await put(files, at('a'), 'abc')
    const file = await files.open(at('a'), 'read')
    await rejectsWith('EBADF', file.write(Buffer.from('X'), 0))
    await file.close()
  })

  test('an open file outlives its name', async () => {
    const { files, at } = world()
    await put(files, at('a'), 'abc')
    const file = await files.open(at('a'), 'update')
    await files.remove(at('a'))
    await file.write(Buffer.from('d'), 3)
    assert.equal(await file.size(), 4)
    await file.close()
    assert.equal(await files.stat(at('a')), null)
  })

  test('a closed file does nothing more', async () => {
    const { files, at } = world()
    const file = await files.open(at('a'), 'create')
    await file.close()
    await rejectsWith('EBADF', file.size())
    await rejectsWith('EBADF', file.sync())
  })
}

function nameTests(world: World) {
  test('link gives a second name, and refuses one that is taken', async () => {
    const { files, at } = world()
    await put(files, at('a'), 'abc')
    await put(files, at('taken'), 'x')
    await files.link(at('a'), at('b'))
    await rejectsWith('EEXIST', files.link(at('a'), at('taken')))
    await rejectsWith('ENOENT', files.link(at('none'), at('c')))
    await files.remove(at('a'))
    assert.equal((await files.readAll(at('b'))).toString(), 'abc')
  })

  test('exactly one of racing links wins', async () => {
    const { files, at } = world()
    for (const name of ['a', 'b', 'c']) await put(files, at(name), name)
    const links = ['a', 'b', 'c'].map((name) => files.link(at(name), at('won')))
    const settled = await Promise.allSettled(links)
    assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 1)
  })

  test('rename replaces its target, within and across folders', async () => {
    const { files, at } = world()
    await files.makeFolder(at('other'))
    await put(files, at('a'), 'abc')
    await put(files, at('b'), 'old')
    await files.rename(at('a'), at('b'))
    await files.rename(at('b'), at('other/c'))
    assert.deepEqual(await files.list(harnessRoot(at)), ['other'])
    assert.equal((await files.readAll(at('other/c'))).toString(), 'abc')
    await rejectsWith('ENOENT', files.rename(at('a'), at('b')))
  })

  test('a rename to a second name of the same file leaves both', async () => {
    const { files, at } = world()
    await put(files, at('a'), 'abc')
    await files.link(at('a'), at('b'))
    await files.rename(at('a'), at('b'))
    assert.deepEqual(await files.list(harnessRoot(at)), ['a', 'b'])
  })

  test('remove needs something to remove, and takes no folder', async () => {
    const { files, at } = world()
    await files.makeFolder(at('folder'))
    await rejectsWith('ENOENT', files.remove(at('a')))
    await rejectsWith('EISDIR', files.remove(at('folder')))
  })
}

function folderTests(world: World) {
  test('makeFolder makes missing parents, and may be repeated', async () => {
    const { files, at } = world()
    await files.makeFolder(at('a/b/c'))
    await files.makeFolder(at('a/b/c'))
    assert.deepEqual(await files.list(at('a/b')), ['c'])
    await put(files, at('file'), 'x')
    await rejectsWith('ENOTDIR', files.makeFolder(at('file/below')))
    await rejectsWith('EEXIST', files.makeFolder(at('file')))
  })

  test('list sorts names, and needs a folder', async () => {
    const { files, at } = world()
    for (const name of ['b', 'a10', 'a9', 'B']) await put(files, at(name), '')
    assert.deepEqual(await files.list(harnessRoot(at)), ['B', 'a10', 'a9', 'b'])
    await rejectsWith('ENOENT', files.list(at('none')))
    await rejectsWith('ENOTDIR', files.list(at('a9')))
  })

  test('stat tells size and kind, and null for nothing', async () => {
    const { files, at } = world()
    await put(files, at('a'), 'abc')
    const file = await files.stat(at('a'))
    assert.equal(file?.size, 3)
    assert.equal(file?.isFolder, false)
    assert.equal(typeof file?.modifiedAt, 'number')
    assert.equal((await files.stat(harnessRoot(at)))?.isFolder, true)
    assert.equal(await files.stat(at('none')), null)
    assert.equal(await files.stat(at('none/below')), null)
  })

  test('syncFolder needs a folder that is there', async () => {
    const { files, at } = world()
    await files.syncFolder(harnessRoot(at))
    await rejectsWith('ENOENT', files.syncFolder(at('none')))
  })

  test('freeBytes is a whole number of bytes, and needs a path that is there', async () => {
    const { files, at } = world()
    const free = await files.freeBytes(harnessRoot(at))
    assert.ok(Number.isSafeInteger(free) && free > 0, `${free}`)
    await rejectsWith('ENOENT', files.freeBytes(at('none')))
  })
}

const harnessRoot = (at: (path: string) => string) => at('').slice(0, -1)

async function put(files: Files, path: string, text: string) {
  const file = await files.open(path, 'create')
  await file.write(Buffer.from(text), 0)
  await file.close()
}

async function rejectsWith(code: string, promise: Promise<unknown>) {
  await assert.rejects(promise, (error) => {
    assert.ok(isSystemError(error, code), `${error} is not ${code}`)
    return true
  })
}

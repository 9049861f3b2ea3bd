import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { OpenFile } from '../../../src/core/files.ts'
import { nodeFiles, syncedByCall } from '../../../src/core/node-files.ts'
import { temporaryFolder } from '../../support/temporary.ts'

function recorded(calls: string[], failing?: string): OpenFile {
  const called = async (name: string) => {
    calls.push(name)
    if (name === failing) throw new Error(name)
    return 0
  }
  const nothing = async () => undefined
  return {
    write: (bytes, offset) => called(`write ${bytes.length} at ${offset}`).then(nothing),
    read: () => called('read'),
    size: () => called('size'),
    truncate: () => called('truncate').then(nothing),
    sync: () => called('sync').then(nothing),
    close: () => called('close').then(nothing),
  }
}

test('where no flag does it, a write resolves once its sync did', async () => {
  const calls: string[] = []
  const file = syncedByCall(recorded(calls))
  await file.write(Buffer.from('abc'), 7)
  await file.close()
  assert.deepEqual(calls, ['write 3 at 7', 'sync', 'close'])
})

test('where no flag does it, a write rejects with its sync', async () => {
  const file = syncedByCall(recorded([], 'sync'))
  await assert.rejects(file.write(Buffer.from('abc'), 0), { message: 'sync' })
})

test('a folder where none can be made is an error, one that is there is not', async (t) => {
  const folder = await temporaryFolder()
  t.after(folder.dispose)
  const deep = join(folder.path, 'a/b/c')
  await nodeFiles.makeFolder(deep)
  await nodeFiles.makeFolder(deep)
  assert.equal((await nodeFiles.stat(deep))?.isFolder, true)
  await writeFile(join(deep, 'file'), '')
  await assert.rejects(nodeFiles.makeFolder(join(deep, 'file')), { code: 'EEXIST' })
  await assert.rejects(nodeFiles.makeFolder(join(deep, 'file/d')), { code: 'ENOTDIR' })
  if (process.platform === 'linux')
    await assert.rejects(nodeFiles.makeFolder('/proc/inlet/d'), { code: 'ENOENT' })
})

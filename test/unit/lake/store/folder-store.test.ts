import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../../../src/core/random.ts'
import { openFolderStore, scratchFolder } from '../../../../src/lake/store/folder-store.ts'
import type { ObjectStore } from '../../../../src/lake/store/object-store.ts'
import { proveConditionalPut } from '../../../../src/lake/store/prove-conditional-put.ts'
import { ForgetfulDisk, ProcessGone, systemError } from '../../../simulation/forgetful-files.ts'

const root = '/data/lake'

async function open(disk: ForgetfulDisk) {
  const files = disk.mount()
  await files.makeFolder('/data')
  const store = await openFolderStore({ files, random: seededRandom(disk.calls) }, { root })
  return { files, store }
}

async function writeLocal(files: ReturnType<ForgetfulDisk['mount']>, text: string) {
  const path = `${scratchFolder(root)}/local-${text}`
  const file = await files.open(path, 'create')
  await file.write(Buffer.from(text), 0)
  await file.close()
  return path
}

for (const [name, act] of Object.entries({
  publish: async (store: ObjectStore, local: string) => store.publish(local, 'a/b=c/object'),
  putIfAbsent: async (store: ObjectStore) => store.putIfAbsent('a/b=c/object', Buffer.from('text')),
  put: async (store: ObjectStore) => store.put('a/b=c/object', Buffer.from('text')),
})) {
  const survives = name !== 'put'
  test(`${name}: a loss of power at any call leaves the object whole or absent`, async () => {
    let seen = 0
    for (let stopAt = 0; ; stopAt++) {
      const disk = new ForgetfulDisk(seededRandom(stopAt))
      const { files, store } = await open(disk)
      const local = await writeLocal(files, 'text')
      const first = disk.calls
      disk.hooks = {
        before: () => {
          if (disk.calls - first > stopAt) disk.kill(files)
        },
      }
      const ended = await act(store, local).then(
        () => true,
        (error: unknown) => {
          if (error instanceof ProcessGone) return false
          throw error
        },
      )
      disk.hooks = {}
      disk.crash(seededRandom(stopAt + 1))
      const found = await (await open(disk)).store.get('a/b=c/object')
      if (ended && survives) assert.equal(found?.toString(), 'text')
      else if (found !== null) assert.equal(found.toString(), 'text')
      seen++
      if (ended) break
    }
    assert.ok(seen > 5)
  })
}

test('a listing makes durable what a killed process linked and did not sync', async () => {
  for (let seed = 0; seed < 20; seed++) {
    const disk = new ForgetfulDisk(seededRandom(seed))
    const { files, store } = await open(disk)
    await store.putIfAbsent('t/0.json', Buffer.from('zero'))
    await files.link(`${root}/t/0.json`, `${root}/t/1.json`)
    disk.kill(files)
    const second = await open(disk)
    assert.equal((await second.store.list('t/')).length, 2)
    disk.crash(seededRandom(seed))
    assert.equal((await (await open(disk)).store.list('t/')).length, 2)
  }
})

test('what could not be published to the end is not left under its key', async () => {
  const disk = new ForgetfulDisk(seededRandom(1))
  const { files, store } = await open(disk)
  const local = await writeLocal(files, 'text')
  disk.hooks = {
    before({ operation, path }) {
      if (operation === 'syncFolder' && path === `${root}/a`)
        throw systemError('EIO', operation, path)
    },
  }
  await assert.rejects(store.publish(local, 'a/object'), { code: 'EIO' })
  disk.hooks = {}
  assert.deepEqual(await store.list('a/'), [])
  assert.equal((await files.readAll(local)).toString(), 'text')
})

test('a store whose second conditional put succeeds is refused', async () => {
  const { store } = await open(new ForgetfulDisk(seededRandom(1)))
  const careless: ObjectStore = {
    description: 'careless',
    publish: (path, key) => store.publish(path, key),
    get: (key) => store.get(key),
    put: (key, bytes) => store.put(key, bytes),
    list: (prefix) => store.list(prefix),
    remove: (key) => store.remove(key),
    lease: () => store.lease(),
    removeOldVersions: (prefix) => store.removeOldVersions(prefix),
    localPath: (key) => store.localPath(key),
    removeUnfinished: (prefix, time) => store.removeUnfinished(prefix, time),
    async putIfAbsent(key, bytes) {
      await store.put(key, bytes)
      return true
    },
  }
  await assert.rejects(proveConditionalPut(careless, seededRandom(2)), {
    code: 'INL_LAK_STORE_UNSAFE',
  })
  assert.deepEqual(await store.list(''), [])
})

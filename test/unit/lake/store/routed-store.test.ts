import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { nodeFiles } from '../../../../src/core/node-files.ts'
import { seededRandom } from '../../../../src/core/random.ts'
import { memoryStore } from '../../../../src/lake/store/memory-store.ts'
import { proveConditionalPut } from '../../../../src/lake/store/prove-conditional-put.ts'
import { routedStore } from '../../../../src/lake/store/routed-store.ts'
import { movableClock } from '../../../support/clock.ts'
import { temporaryFolder } from '../../../support/temporary.ts'

async function two() {
  const folder = await temporaryFolder()
  const deps = { files: nodeFiles, clock: movableClock() }
  const main = memoryStore(deps, { folder: join(folder.path, 'main') })
  const bronze = memoryStore(deps, { folder: join(folder.path, 'bronze') })
  const store = routedStore(main, { prefix: 'bronze/', store: bronze })
  return { main, bronze, store, dispose: folder.dispose }
}

test('each key lies in the store of its prefix, and in no other', async () => {
  const { main, bronze, store, dispose } = await two()
  await store.put('bronze/arrivals/a', Buffer.from('a'))
  await store.put('bronzed', Buffer.from('b'))
  await store.putIfAbsent('silver/c', Buffer.from('c'))
  const keysOf = async (one: typeof main) => (await one.list('')).map(({ key }) => key)
  assert.deepEqual(await keysOf(bronze), ['bronze/arrivals/a'])
  assert.deepEqual(await keysOf(main), ['bronzed', 'silver/c'])
  assert.deepEqual(
    (await store.list('bronze')).map(({ key }) => key),
    ['bronze/arrivals/a', 'bronzed'],
  )
  await dispose()
})

test('the store of a prefix has to prove itself as well', async () => {
  const { bronze, store, dispose } = await two()
  bronze.putIfAbsent = async (key, bytes) => {
    await bronze.put(key, bytes)
    return true
  }
  await assert.rejects(proveConditionalPut(store, seededRandom(1)), {
    code: 'INL_LAK_STORE_UNSAFE',
  })
  await dispose()
})

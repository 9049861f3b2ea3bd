import assert from 'node:assert/strict'
import { join } from 'node:path'
import { nodeFiles } from '../../src/core/node-files.ts'
import { seededRandom } from '../../src/core/random.ts'
import { openFolderStore, scratchFolder } from '../../src/lake/store/folder-store.ts'
import { memoryStore } from '../../src/lake/store/memory-store.ts'
import { routedStore } from '../../src/lake/store/routed-store.ts'
import { movableClock } from '../support/clock.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { objectStoreContract } from './object-store.ts'

objectStoreContract('the folder store', async () => {
  const { path, dispose } = await temporaryFolder()
  const root = join(path, 'data', 'lake')
  const store = await openFolderStore({ files: nodeFiles, random: seededRandom(1) }, { root })
  return { store, scratch: scratchFolder(root), dispose }
})

objectStoreContract('the memory store', async () => {
  const { path, dispose } = await temporaryFolder()
  const deps = { files: nodeFiles, clock: movableClock() }
  return { store: memoryStore(deps, { folder: join(path, 'copies') }), scratch: path, dispose }
})

objectStoreContract('two stores as one', async () => {
  const { path, dispose } = await temporaryFolder()
  const deps = { files: nodeFiles, clock: movableClock() }
  const [main, other] = ['main', 'other'].map((name) =>
    memoryStore(deps, { folder: join(path, name) }),
  )
  assert.ok(main !== undefined && other !== undefined)
  const store = routedStore(main, { prefix: 't/a=1/', store: other })
  return { store, scratch: path, dispose }
})

import { join } from 'node:path'
import { nodeFiles } from '../../src/core/node-files.ts'
import { seededRandom } from '../../src/core/random.ts'
import { openFolderStore, scratchFolder } from '../../src/lake/store/folder-store.ts'
import { memoryStore } from '../../src/lake/store/memory-store.ts'
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

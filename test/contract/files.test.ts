import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeFiles } from '../../src/core/node-files.ts'
import { seededRandom } from '../../src/core/random.ts'
import { ForgetfulDisk } from '../simulation/forgetful-files.ts'
import { filesContract } from './files.ts'

filesContract('the real file system', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'inlet-files-'))
  return { files: nodeFiles, folder, dispose: () => rm(folder, { recursive: true }) }
})

filesContract('the forgetful disk', async () => {
  const files = new ForgetfulDisk(seededRandom(1)).mount()
  await files.makeFolder('/folder')
  return { files, folder: '/folder', dispose: async () => undefined }
})

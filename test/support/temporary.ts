/** A folder that exists for one test. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export async function temporaryFolder(): Promise<{ path: string; dispose: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'inlet-test-'))
  return { path, dispose: () => rm(path, { recursive: true, force: true }) }
}

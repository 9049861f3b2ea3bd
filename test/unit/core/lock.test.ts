import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { sqliteLocks } from '../../../src/core/lock.ts'
import { temporaryFolder } from '../../support/temporary.ts'

/** Whether another process gets the lock. */
function isFreeElsewhere(path: string): boolean {
  const lock = JSON.stringify(join(import.meta.dirname, '../../../src/core/lock.ts'))
  const script = `import { sqliteLocks } from ${lock}
    process.exitCode = sqliteLocks.acquire(${JSON.stringify(path)}) === null ? 7 : 0`
  const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', script])
  assert.ok(status === 0 || status === 7, `it ended with ${status}`)
  return status === 0
}

test('a lock keeps others out until it is released, though its holder asks again', async () => {
  const folder = await temporaryFolder()
  const path = join(folder.path, 'lock')
  const lock = sqliteLocks.acquire(path)
  assert.notEqual(lock, null)
  assert.equal(isFreeElsewhere(path), false)
  assert.equal(sqliteLocks.acquire(path), null)
  assert.equal(isFreeElsewhere(path), false)
  lock?.release()
  assert.equal(isFreeElsewhere(path), true)
  await folder.dispose()
})

/** What a loader that someone waits for does where the system lets it read nothing. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { realMachine } from '../../../src/app/machine.ts'
import type { Files } from '../../../src/core/files.ts'
import { nodeFiles } from '../../../src/core/node-files.ts'
import { event } from '../../support/deliveries.ts'
import { openDesk, plainConfig } from '../../support/shell.ts'

/** Segments that belong to somebody else, until they are handed over. */
function foreignSegments(): { files: Files; handOver(): void } {
  let isForeign = true
  const open: Files['open'] = async (path, mode) => {
    if (!isForeign || !/\.seg$/.test(path)) return nodeFiles.open(path, mode)
    const error = new Error(`EACCES: permission denied, open '${path}'`)
    throw Object.assign(error, { code: 'EACCES', path })
  }
  return {
    files: { ...nodeFiles, open },
    handOver: () => {
      isForeign = false
    },
  }
}

test('loader --once ends with the path and a remedy; once granted, all lands', async () => {
  const { files, handOver } = foreignSegments()
  const desk = await openDesk({ machine: { ...realMachine, files } })
  try {
    await desk.append(event('a', '{"id":"a"}', { source: 'trial' }))
    const { code, stderr } = await desk.run('loader', '--once')
    assert.equal(code, 1)
    assert.match(stderr, /journal\/gateway-0\/\S+\.seg may not be read or written: EACCES/)
    assert.match(stderr, /as the user that owns it\. \(INL_LDR_DENIED\)/)
    handOver()
    assert.equal((await desk.run('loader', '--once')).code, 0)
    const { stdout } = await desk.run(
      'query',
      '--format',
      'csv',
      'SELECT event_id FROM bronze.events',
    )
    assert.equal(stdout, 'event_id\na\n')
  } finally {
    await desk.dispose()
  }
})

test('any command that is refused a file names it, and who may read it', async () => {
  const { files } = foreignSegments()
  const desk = await openDesk({ machine: { ...realMachine, files } })
  try {
    await desk.append(event('a', '{"id":"a"}', { source: 'trial' }))
    const { code, stderr } = await desk.run('status')
    assert.equal(code, 1)
    assert.match(stderr, /\.seg may not be read or written: EACCES.*\(INL_LDR_DENIED\)/)
  } finally {
    await desk.dispose()
  }
})

test('loader --once ends where the folder of the journal is a file', async () => {
  const desk = await openDesk()
  try {
    await desk.write(
      'inlet.yaml',
      `${plainConfig.replace('journal: {', 'journal: { dir: ./held,')}`,
    )
    await desk.write('held', 'something else')
    const { code, stderr } = await desk.run('loader', '--once')
    assert.equal(code, 1)
    assert.match(stderr, /\/held or what stands above it is no folder: ENOTDIR/)
    assert.match(stderr, /name another folder in the configuration\. \(INL_LDR_NO_FOLDER\)/)
  } finally {
    await desk.dispose()
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gatewayEnvironment, gatewayFlags, spawnPart } from '../../../src/app/child.ts'

/** A child that tells what it was started with where it is asked for its metrics. */
const script = [
  '-e',
  `process.on('message', () => {
    const { MALLOC_MMAP_THRESHOLD_ = null } = process.env
    process.send({ metrics: [process.execArgv.slice(0, -2), MALLOC_MMAP_THRESHOLD_] })
  })`,
]

async function startOf(role: 'gateway' | 'loader'): Promise<unknown> {
  const command = { executable: process.execPath, environment: {}, script, args: [] }
  const child = spawnPart(command, { role, name: role })
  const told = await child.metrics()
  child.terminate()
  await child.exited
  return told
}

test('a gateway is started with what bounds its memory, and nobody else is', async () => {
  const { MALLOC_MMAP_THRESHOLD_: threshold } = gatewayEnvironment
  assert.deepEqual(await startOf('gateway'), [gatewayFlags, threshold])
  assert.deepEqual(await startOf('loader'), [[], null])
})

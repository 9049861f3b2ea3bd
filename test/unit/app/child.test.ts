import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gatewayFlags, spawnPart } from '../../../src/app/child.ts'

/** A child that tells its own options where it is asked for its metrics. */
const script = [
  '-e',
  "process.on('message', () => process.send({ metrics: process.execArgv.slice(0, -2) }))",
]

async function flagsOf(role: 'gateway' | 'loader'): Promise<unknown> {
  const child = spawnPart({ executable: process.execPath, script, args: [] }, { role, name: role })
  const flags = await child.metrics()
  child.terminate()
  await child.exited
  return flags
}

test('a gateway is started with the flags that bound its memory, and nobody else is', async () => {
  assert.deepEqual(await flagsOf('gateway'), gatewayFlags)
  assert.deepEqual(await flagsOf('loader'), [])
})

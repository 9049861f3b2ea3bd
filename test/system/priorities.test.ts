/** Who has the processor first where it is short: what the kernel says of real processes. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { afterEach, beforeEach, test } from 'node:test'
import { promisify } from 'node:util'
import { behindTheDoor } from '../../src/core/give-way.ts'
import { pidOf, until } from './inlet-output.ts'
import { openYard, runIsUp, type Yard } from './several-gateways.ts'

let yard: Yard

beforeEach(async () => {
  yard = await openYard()
})
afterEach(() => yard.dispose())

/** Of all threads of a process. */
function nicenessOf(pid: number): Set<number> {
  const tasks = `/proc/${pid}/task`
  return new Set(readdirSync(tasks).flatMap((thread) => nicenessIn(`${tasks}/${thread}/stat`)))
}

/** proc_pid_stat(5), field 19; none where the thread has ended. */
function nicenessIn(path: string): number[] {
  try {
    const [, behindName = ''] = /^.*\) (.*)$/s.exec(readFileSync(path, 'utf8')) ?? []
    return [Number(behindName.split(' ')[16])]
  } catch {
    return []
  }
}

test('every thread of the loader stands behind those of the gateway', async () => {
  const inlet = yard.start('run', 1)
  await until(inlet, runIsUp)
  const own = getPriority()
  assert.deepEqual(nicenessOf(await pidOf(inlet, 'gateway')), new Set([own]))
  assert.deepEqual(
    nicenessOf(await pidOf(inlet, 'loader')),
    new Set([Math.max(own, behindTheDoor)]),
  )
  inlet.signal('SIGTERM')
  assert.equal(await inlet.ended, 0, inlet.stderr())
})

const bothWays = `
const { getPriority } = await import('node:os')
const { giveWay, stopGivingWay } = await import(process.argv[1])
giveWay()
const given = getPriority()
stopGivingWay()
console.log(JSON.stringify([given, getPriority()]))
`
/** Says whether a process may take back what it has given. */
const mayGoBack = `
const { getPriority, setPriority } = await import('node:os')
const own = getPriority()
setPriority(Math.min(own + 1, 19))
try {
  setPriority(own)
} catch {}
console.log(JSON.stringify(getPriority() === own))
`

async function told(script: string, ...args: string[]) {
  const command = ['--input-type=module', '--eval', script, ...args]
  return JSON.parse((await promisify(execFile)(process.execPath, command)).stdout)
}

test('who gave way stands where it stood afterwards, where that is allowed', async () => {
  const [given, after] = await told(bothWays, import.meta.resolve('../../src/core/give-way.ts'))
  const own = getPriority()
  assert.equal(given, Math.max(own, behindTheDoor))
  assert.equal(after, (await told(mayGoBack)) ? own : given)
})

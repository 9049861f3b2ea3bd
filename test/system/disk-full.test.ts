/**
 * A real small file system that fills up under a real gateway: 503, nothing acknowledged is lost,
 * and it goes on by itself. First the journal reaches its limit, then somebody else takes the last
 * byte.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, unlinkSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openQueryAt } from '../../src/app/lake-access.ts'
import { realMachine } from '../../src/app/machine.ts'
import { systemClock } from '../../src/core/clock.ts'
import { isSystemError } from '../../src/core/files.ts'
import { freePort } from '../../src/core/free-port.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { type InletProcess, runInlet, startInlet } from './inlet-process.ts'

const DISK_MIB = 24
const PADDING = 'x'.repeat(8000)
const PATIENCE_MS = 60_000

let folder: { path: string; dispose: () => Promise<void> }
let disk: string
let url: string
let config: string
let gateway: InletProcess
const acknowledged = new Set<string>()
let sent = 0

before(async () => {
  folder = await temporaryFolder()
  disk = join(folder.path, 'disk')
  mountSmallDisk(folder.path, disk)
  const port = await freePort()
  url = `http://127.0.0.1:${port}/events`
  config = join(folder.path, 'inlet.yaml')
  writeFileSync(
    config,
    `listen: { host: 127.0.0.1, port: ${port} }
sources: [{ name: small, path: /events, auth: none }]
journal: { dir: ./disk/journal, segmentBytes: 1MiB, minFree: 4MiB, ephemeral: true }
lake: { url: ./lake, commitEvery: 250ms }
`,
  )
  gateway = startInlet(['gateway', '--config', config])
  await until(() => gateway.stderr().includes('process_started'))
})

after(async () => {
  gateway.signal('SIGKILL')
  await gateway.ended
  execFileSync('umount', [disk])
  await folder.dispose()
})

/** Needs root, as CI is: a test that cannot have its disk fails. */
function mountSmallDisk(home: string, at: string): void {
  const image = join(home, 'disk.img')
  mkdirSync(at)
  execFileSync('truncate', ['-s', `${DISK_MIB}M`, image])
  execFileSync('mkfs.ext4', ['-q', image])
  execFileSync('mount', ['-o', 'loop', image, at])
}

/** Takes everything that root may take. */
function fill(path: string): void {
  const file = openSync(path, 'w')
  try {
    for (;;) writeSync(file, Buffer.alloc(64 * 1024))
  } catch (error) {
    assert.ok(isSystemError(error, 'ENOSPC'), String(error))
  } finally {
    closeSync(file)
  }
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = systemClock.elapsed() + PATIENCE_MS
  while (!(await isSo())) {
    assert.ok(systemClock.elapsed() < deadline, gateway.stderr().slice(-2000))
    await systemClock.sleep(50)
  }
}

async function post(): Promise<Response> {
  const messageId = `event-${sent++}`
  const body = JSON.stringify({ messageId, eventType: 'call.event', padding: PADDING })
  const answer = await fetch(url, { method: 'POST', body })
  if (answer.status === 200) acknowledged.add(messageId)
  return answer
}

async function postUntilRefused(): Promise<Response> {
  for (let n = 0; n < 10_000; n++) {
    const answer = await post()
    const text = await answer.text()
    if (answer.status === 200) continue
    assert.match(text, /INL_JRN_(FULL|WRITE)/)
    return answer
  }
  throw new Error('a small disk took everything')
}

async function isTakenAgain(): Promise<boolean> {
  const answer = await post()
  await answer.arrayBuffer()
  return answer.status === 200
}

async function landEverything(): Promise<void> {
  await runInlet(['loader', '--config', config, '--once'])
}

test('a journal at its limit answers 503 and goes on by itself once it has landed', async () => {
  const refused = await postUntilRefused()
  assert.equal(refused.status, 503)
  assert.ok(Number(refused.headers.get('retry-after')) >= 1)
  assert.ok(acknowledged.size > 500, `only ${acknowledged.size} fitted`)
  await landEverything()
  await until(isTakenAgain)
})

test('a disk that others filled to the last byte answers 503 until there is room', async () => {
  const filler = join(disk, 'filler')
  fill(filler)
  const refused = await postUntilRefused()
  assert.equal(refused.status, 503)
  unlinkSync(filler)
  await until(isTakenAgain)
})

test('nothing that was acknowledged is missing, and nothing is there twice', async () => {
  gateway.signal('SIGTERM')
  assert.equal(await gateway.ended, 0, gateway.stderr().slice(-2000))
  await landEverything()
  const { stdout } = await runInlet(['audit', '--config', config, '--json'])
  assert.equal(JSON.parse(stdout).clean, true, stdout)
  const session = await openQueryAt(realMachine, join(folder.path, 'lake'))
  const { rows } = await session.query('SELECT event_id FROM bronze.events')
  session.close()
  const found = rows.map(([id]) => String(id))
  assert.equal(new Set(found).size, found.length)
  const missing = [...acknowledged].filter((id) => !found.includes(id))
  assert.deepEqual(missing, [])
})

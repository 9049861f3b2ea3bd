/**
 * A real small file system that fills up under a real gateway: 503, nothing acknowledged is lost,
 * and it goes on by itself. First the journal reaches its limit, then somebody else takes the last
 * byte, then the journal itself does.
 */
import assert from 'node:assert/strict'
import { closeSync, mkdirSync, openSync, unlinkSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openQueryAt } from '../../src/app/lake-access.ts'
import { realMachine } from '../../src/app/machine.ts'
import { systemClock } from '../../src/core/clock.ts'
import { isSystemError } from '../../src/core/files.ts'
import { freePort } from '../../src/core/free-port.ts'
import { mountSmallDisk, type SmallDisk } from '../support/small-disk.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { type InletProcess, runInlet, startInlet } from './inlet-process.ts'

const DISK_MIB = 24
const PADDING = 'x'.repeat(40_000)

let folder: { path: string; dispose: () => Promise<void> }
let disk: SmallDisk
let unmount = async () => {}
let url: string
let gateway: InletProcess | null = null
const acknowledged = new Set<string>()
let sent = 0

before(async () => {
  folder = await temporaryFolder()
  const mounted = join(folder.path, 'disk')
  mkdirSync(mounted)
  disk = await mountSmallDisk(mounted, DISK_MIB)
  unmount = disk.close
  const port = await freePort()
  url = `http://127.0.0.1:${port}/events`
  for (const minFree of ['4MiB', '0B']) {
    writeFileSync(
      configWith(minFree),
      `listen: { host: 127.0.0.1, port: ${port} }
sources: [{ name: small, path: /events, auth: none }]
journal: { dir: ./disk/journal, segmentBytes: 1MiB, minFree: ${minFree}, ephemeral: true }
lake: { url: ./lake, commitEvery: 250ms }
ops: { port: 0 }
`,
    )
  }
  await startGateway('4MiB')
})

after(async () => {
  await endGateway('SIGKILL')
  await unmount()
  await folder.dispose()
})

const configWith = (minFree: string) => join(folder.path, `${minFree}.yaml`)

async function startGateway(minFree: string): Promise<void> {
  const started = startInlet(['gateway', '--config', configWith(minFree)], { within: disk.enter })
  gateway = started
  await until(() => started.stderr().includes('process_started'))
}

const gatewaySaid = () => gateway?.stderr().slice(-2000) ?? 'there is no gateway'

async function endGateway(signal: NodeJS.Signals): Promise<number | string | undefined> {
  gateway?.signal(signal)
  return await gateway?.ended
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
  while (!(await isSo())) {
    assert.equal(gateway?.child.exitCode, null, gatewaySaid())
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

/** Resolves to the problem that the refusal tells of. */
async function postUntilRefused(): Promise<string> {
  for (let n = 0; n < 10_000; n++) {
    const answer = await post()
    const text = await answer.text()
    if (answer.status === 200) continue
    assert.equal(answer.status, 503, text)
    assert.ok(Number(answer.headers.get('retry-after')) >= 1)
    return text
  }
  throw new Error('a small disk took everything')
}

async function isTakenAgain(): Promise<boolean> {
  const answer = await post()
  await answer.arrayBuffer()
  return answer.status === 200
}

async function landEverything(): Promise<void> {
  await runInlet(['loader', '--config', configWith('4MiB'), '--once'], { within: disk.enter })
}

test('a journal at its limit answers 503 and goes on by itself once it has landed', async () => {
  assert.match(await postUntilRefused(), /INL_JRN_FULL/)
  assert.ok(acknowledged.size > 100, `only ${acknowledged.size} fitted`)
  await landEverything()
  await until(isTakenAgain)
})

test('a disk that others filled to the last byte answers 503 until there is room', async () => {
  const filler = join(disk.outside, 'filler')
  fill(filler)
  assert.match(await postUntilRefused(), /INL_JRN_(FULL|WRITE)/)
  unlinkSync(filler)
  await until(isTakenAgain)
})

test('a gateway that is killed on a full disk starts on it and waits for room', async () => {
  const filler = join(disk.outside, 'filler')
  fill(filler)
  await postUntilRefused()
  await endGateway('SIGKILL')
  await startGateway('4MiB')
  await postUntilRefused()
  unlinkSync(filler)
  await until(isTakenAgain)
})

test('a journal that takes the last byte itself answers 503 until it has landed', async () => {
  assert.equal(await endGateway('SIGTERM'), 0, gatewaySaid())
  await startGateway('0B')
  assert.match(await postUntilRefused(), /INL_JRN_(FULL|WRITE)/)
  await landEverything()
  await until(isTakenAgain)
})

test('nothing that was acknowledged is missing, and nothing is there twice', async () => {
  assert.equal(await endGateway('SIGTERM'), 0, gatewaySaid())
  await landEverything()
  const audit = ['audit', '--config', configWith('4MiB'), '--json']
  const { stdout } = await runInlet(audit, { within: disk.enter })
  assert.equal(JSON.parse(stdout).clean, true, stdout)
  const session = await openQueryAt(realMachine, join(folder.path, 'lake'))
  const { rows } = await session.query('SELECT event_id FROM bronze.events')
  session.close()
  const found = new Set(rows.map(([id]) => String(id)))
  assert.equal(found.size, rows.length)
  assert.deepEqual([...acknowledged.difference(found)], [])
})

/**
 * The system calls of a real gateway: what is written of an event is synced by its own write, which
 * returns before its answer is written.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '../../src/core/clock.ts'
import { freePort } from '../../src/core/free-port.ts'
import { parseTrace, type TracedCall } from '../support/strace.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { inletScript } from './inlet-process.ts'

const WAVES = 10
const AT_ONCE = 4
const STRACE_MISSING =
  'strace is not on this machine: install it (apt-get install strace); .ci/run does'

test('each answer is written after the synced write of its event returned', async () => {
  const folder = await temporaryFolder()
  const trace = join(folder.path, 'trace')
  const gateway = await startTraced(folder.path, trace)
  const marks: string[] = []
  try {
    for (let wave = 0; wave < WAVES; wave++) {
      const own = Array.from({ length: AT_ONCE }, (_, n) => `traced-${wave}-${n}-end`)
      await Promise.all(own.map((messageId) => deliver(gateway.url, messageId)))
      marks.push(...own)
    }
  } finally {
    await gateway.stop()
  }
  const calls = parseTrace(readFileSync(trace, 'utf8'))
  for (const mark of marks) checkOrder(calls, mark)
  await folder.dispose()
})

async function deliver(url: string, messageId: string): Promise<void> {
  const body = JSON.stringify({ messageId, eventType: 'call.event' })
  const answer = await fetch(`${url}/events`, { method: 'POST', body })
  assert.equal(answer.status, 200, await answer.text())
}

/** Read from a socket, written to a file that syncs, and only then answered on that socket. */
function checkOrder(calls: readonly TracedCall[], mark: string): void {
  const first = (what: string, isIt: (call: TracedCall) => boolean): TracedCall => {
    const found = calls.find(isIt)
    assert.ok(found, `${mark}: there is no ${what}`)
    return found
  }
  const delivered = first('read', ({ name, text }) => name === 'read' && text.includes(mark))
  const written = first('write', ({ name, text }) => /^pwrite/.test(name) && text.includes(mark))
  const opened = calls.findLast(
    ({ name, result, ended }) =>
      name === 'openat' && result === written.fd && ended < written.begun,
  )
  assert.match(opened?.text ?? '', /\bO_DSYNC\b/, `${mark}: its file is not synced by writes`)
  const answered = first(
    'answer',
    ({ fd, begun, text }) =>
      fd === delivered.fd && begun > delivered.begun && text.includes('HTTP/1.1 200 '),
  )
  const order = `written by line ${written.ended}, answered on line ${answered.begun}`
  assert.ok(answered.begun > written.ended, `${mark}: ${order}`)
}

async function startTraced(folder: string, trace: string) {
  const port = await freePort()
  const config = join(folder, 'inlet.yaml')
  writeFileSync(
    config,
    `listen: { host: 127.0.0.1, port: ${port} }
sources: [{ name: traced, path: /events, auth: none }]
journal: { dir: ./journal, minFree: 1MiB, ephemeral: true }
lake: { url: ./lake }
ops: { port: 0 }
`,
  )
  const calls = 'trace=read,write,writev,sendto,pwrite64,pwritev,openat'
  const command = [process.execPath, inletScript, 'gateway', '--config', config]
  const child = spawn('strace', ['-f', '-e', calls, '-s', '20000', '-o', trace, ...command], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (bytes) => {
    said += bytes
  })
  const failed = new Promise<never>((_resolve, reject) => {
    child.once('error', () => reject(new Error(STRACE_MISSING)))
    child.once('exit', (code) => reject(new Error(`the gateway ended with ${code}\n${said}`)))
  })
  failed.catch(() => undefined)
  const url = `http://127.0.0.1:${port}`
  await Promise.race([failed, untilHealthy(url)])
  return {
    url,
    /** The gateway itself is told: strace ends with it. */
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      process.kill(Number(/"pid":(\d+)/.exec(said)?.[1]), 'SIGTERM')
      await ended
    },
  }
}

async function untilHealthy(url: string): Promise<void> {
  const isUp = () =>
    fetch(`${url}/healthz`).then(
      (answer) => answer.ok,
      () => false,
    )
  while (!(await isUp())) await systemClock.sleep(50)
}

/**
 * The system calls of a real gateway: the sync of an event returns before its answer is written.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '../../src/core/clock.ts'
import { freePort } from '../../src/core/free-port.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { inletScript } from './inlet-process.ts'

const EVENTS = 20
const STRACE_MISSING =
  'strace is not on this machine: install it (apt-get install strace); .ci/run does'

test('each answer is written after the sync of its event returned', async () => {
  const folder = await temporaryFolder()
  const trace = join(folder.path, 'trace')
  const gateway = await startTraced(folder.path, trace)
  try {
    for (let n = 0; n < EVENTS; n++) {
      const body = JSON.stringify({ messageId: `traced-${n}-end`, eventType: 'call.event' })
      const answer = await fetch(`${gateway.url}/events`, { method: 'POST', body })
      assert.equal(answer.status, 200, await answer.text())
    }
  } finally {
    await gateway.stop()
  }
  const lines = readFileSync(trace, 'utf8').split('\n')
  let answered = -1
  for (let n = 0; n < EVENTS; n++) {
    const written = find(lines, answered, new RegExp(`pwrite(64)?v?\\(.*traced-${n}-end`))
    const synced = find(lines, written, /fdatasync(\(\d+| resumed>).*= 0/)
    const answer = find(lines, answered, /(write|writev|sendto)\(.*HTTP\/1\.1 200 .*stored/)
    assert.ok(written > answered, `event ${n} was never written to a file`)
    assert.ok(synced > written, `event ${n} was never synced`)
    assert.ok(answer > synced, `event ${n}: line ${answer} answers before the sync of ${synced}`)
    answered = answer
  }
  await folder.dispose()
})

function find(lines: readonly string[], behind: number, pattern: RegExp): number {
  return lines.findIndex((line, index) => index > behind && pattern.test(line))
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
`,
  )
  const calls = 'trace=write,writev,sendto,pwrite64,pwritev,fdatasync'
  const command = [process.execPath, inletScript, 'gateway', '--config', config]
  const child = spawn('strace', ['-f', '-e', calls, '-s', '2000', '-o', trace, ...command], {
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

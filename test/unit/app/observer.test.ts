import assert from 'node:assert/strict'
import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { openObserver } from '../../../src/app/observer.ts'
import type { Observer } from '../../../src/observe/events.ts'
import { movableClock } from '../../support/clock.ts'
import { temporaryFolder } from '../../support/temporary.ts'

const patientClock = { ...movableClock(), sleep: () => new Promise<void>(() => undefined) }

async function told(format: 'json' | 'text', tell: (observe: Observer) => void): Promise<string> {
  const folder = await temporaryFolder()
  const path = join(folder.path, 'out')
  const fd = openSync(path, 'a')
  const observer = openObserver({ clock: patientClock }, { fd, format, role: 'gateway' })
  tell(observer.observe)
  await observer.close()
  observer.observe('process_stopped')
  const text = readFileSync(path, 'utf8')
  await folder.dispose()
  return text
}

suite('what Inlet says', () => {
  test('is one JSON object a line: when, how grave, who, what, and the fields', async () => {
    const text = await told('json', (observe) => {
      observe('ingress_listening', { host: '127.0.0.1', port: 8443, tls: true })
      observe('process_failed', { reason: 'no disk' })
    })
    const lines = text.trimEnd().split('\n')
    assert.deepEqual(JSON.parse(lines[0] ?? ''), {
      level: 'info',
      time: '2026-01-02T12:00:00.000Z',
      role: 'gateway',
      pid: process.pid,
      event: 'ingress_listening',
      host: '127.0.0.1',
      port: 8443,
      tls: true,
      message: 'listening',
    })
    assert.equal(JSON.parse(lines[1] ?? '').level, 'error')
    assert.equal(lines.length, 2)
  })

  test('is a plain line for people, in which no field can break out', async () => {
    const text = await told('text', (observe) => {
      observe('process_failed', { reason: 'a\nb \u001b[2J', tries: 3, position: null })
    })
    assert.match(text, /^12:00:00 .*error.* gateway stopped by an error {2}reason=/)
    assert.ok(text.endsWith('reason="a\\nb \\u001b[2J" tries=3 position=null\n'))
  })
})

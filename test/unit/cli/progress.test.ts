/** What commands say while they work, on stderr and for people alone. */
import assert from 'node:assert/strict'
import { mkdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { realMachine } from '../../../src/app/machine.ts'
import type { Clock } from '../../../src/core/clock.ts'
import { eventEntry } from '../../support/entries.ts'
import { type Desk, openDesk, plainConfig } from '../../support/shell.ts'

/** Each look at the clock is a minute after the one before: whatever may be told is told. */
function hastyClock(): Clock {
  const { clock } = realMachine
  let looks = 0
  return {
    now: () => clock.now(),
    elapsed: () => 60_000 * looks++,
    sleep: (ms, signal) => clock.sleep(ms, signal),
    every: (ms, task) => clock.every(ms, task),
  }
}

suite('long work tells how far it has come', () => {
  const key = 'k'.repeat(32)
  let desk: Desk
  before(async () => {
    const machine = { ...realMachine, clock: hastyClock() }
    desk = await openDesk({ machine, environment: { KEY: key, USER: 'ana' } })
    await desk.write('inlet.yaml', `${plainConfig}privacy: { key: { env: KEY } }\n`)
    for (let number = 0; number < 3; number++) {
      await desk.append(eventEntry(number))
      assert.equal((await desk.run('loader', '--once')).code, 0)
    }
  })
  after(() => desk.dispose())

  /** Runs it for a machine first, which is told the result alone. */
  async function said(...args: string[]): Promise<string> {
    const asked = await desk.run(...args, '--json')
    assert.equal(asked.code, 0, asked.stderr)
    assert.doesNotMatch(asked.stderr, / (answered|hashed|compacted|removed|looked through)$/m)
    assert.equal(typeof JSON.parse(asked.stdout), 'object')
    const { stdout, stderr } = await desk.run(...args)
    assert.doesNotMatch(stdout, / (answered|hashed|looked through)$/m)
    return stderr
  }

  test('audit: questions, then files', async () => {
    const told = await said('audit')
    assert.match(told, /^1 questions are answered$/m)
    assert.match(told, /^3 of 3 files have the bodies that were hashed$/m)
  })

  test('erase: files that are looked through', async () => {
    assert.match(
      await said('erase', '--phone', '+13175551234', '--dry-run'),
      /^2 files are looked through$/m,
    )
    assert.match(await said('erase', '--phone', '+13175551234'), /^2 files are looked through$/m)
  })

  test('compact and vacuum: files, behind the name of their table', async () => {
    const old = join(desk.folder, 'data/lake/bronze/arrivals/outcome=event/old.parquet')
    const leave = async () => {
      mkdirSync(join(old, '..'), { recursive: true })
      await desk.write(old.slice(desk.folder.length + 1), 'no commit names it')
      const time = realMachine.clock.now() / 1000 - 2 * 86_400
      utimesSync(old, time, time)
    }
    const compacted = await desk.run('compact', '--table', 'bronze.arrivals')
    assert.match(
      compacted.stderr,
      /^looking after bronze\.arrivals\n(.*\n)*\d+ files are compacted$/m,
    )
    await leave()
    const removed = await desk.run('vacuum', '--table', 'bronze.arrivals')
    assert.match(
      removed.stderr,
      /^looking after bronze\.arrivals\n(.*\n)*0 of 1 files are removed$/m,
    )
    await leave()
    const asked = await desk.run('vacuum', '--table', 'bronze.arrivals', '--json')
    assert.equal(asked.stderr, '')
    assert.equal(JSON.parse(asked.stdout).tables[0].removedFiles, 1)
  })
})

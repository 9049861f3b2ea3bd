/** What an operator decides when journal and lake do not fit together any more. */
import assert from 'node:assert/strict'
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { eventEntry } from '../../support/entries.ts'
import { type Desk, openDesk, plainConfig } from '../../support/shell.ts'

let desk: Desk
let journal: string

beforeEach(async () => {
  desk = await openDesk()
  journal = join(desk.folder, 'data/journal')
})
afterEach(() => desk.dispose())

async function write(...numbers: number[]): Promise<void> {
  await desk.append(...numbers.map((number) => eventEntry(number)))
}

async function audit(): Promise<{ clean: boolean; events: number; notes: number }> {
  return JSON.parse((await desk.run('audit', '--json')).stdout)
}

type Gone = Record<'from' | 'to', number>

suite('a gap in the journal', () => {
  beforeEach(async () => {
    await write(0, 1)
    await desk.run('loader', '--once')
    await write(2, 3)
    await write(4)
    const segments = readdirSync(join(journal, 'gateway-0')).filter((name) => name.endsWith('.seg'))
    rmSync(join(journal, 'gateway-0', segments.at(-2) ?? ''))
    rmSync(join(journal, 'gateway-0', segments.at(-3) ?? ''))
  })

  test('stops the loader with what is gone and how to accept it', async () => {
    const { code, stderr } = await desk.run('loader', '--once')
    assert.equal(code, 1)
    assert.match(stderr, /positions 2 to 3 are gone.*inlet loader --accept-gap gateway-0/)
  })

  test('is shown by status, which then exits 1', async () => {
    const { code, stdout } = await desk.run('status')
    assert.equal(code, 1)
    assert.match(stdout, /gateway-0 .*positions 2 to 3 are gone/)
  })

  test('is of a partition that there is, or nothing is accepted', async () => {
    const { code, stderr } = await desk.run('loader', '--once', '--accept-gap', 'gatway-0')
    assert.equal(code, 2)
    assert.match(stderr, /no partition gatway-0\. It has gateway-0\./)
  })

  test('is told by the audit, of another lake than the journal landed in too', async () => {
    const found = async () => {
      const { code, stdout } = await desk.run('audit', '--json')
      return { code, gone: JSON.parse(stdout).missing.map(({ from, to }: Gone) => [from, to]) }
    }
    assert.deepEqual(await found(), { code: 1, gone: [[2, 3]] })
    await desk.write('inlet.yaml', plainConfig.replace('lake: {', 'lake: { url: ./other,'))
    assert.deepEqual(await found(), { code: 1, gone: [[0, 3]] })
  })

  test('is passed once an operator accepts it, and noted', async () => {
    const { code } = await desk.run('loader', '--once', '--accept-gap', 'gateway-0')
    assert.equal(code, 0)
    const { clean, events, notes } = await audit()
    assert.deepEqual({ clean, events, notes }, { clean: true, events: 3, notes: 1 })
    assert.equal((await desk.run('status')).code, 0)
  })
})

suite('a journal that was rolled back', () => {
  beforeEach(async () => {
    await write(0, 1)
    const copy = join(desk.folder, 'copy')
    cpSync(journal, copy, { recursive: true })
    await write(2)
    await desk.run('loader', '--once')
    rmSync(journal, { recursive: true })
    cpSync(copy, journal, { recursive: true })
    rmSync(copy, { recursive: true })
  })

  test('stops the loader, which says how to keep it', async () => {
    const { code, stderr } = await desk.run('loader', '--once')
    assert.equal(code, 1)
    assert.match(
      stderr,
      /ends at position 2, the lake has read up to 3.*--accept-rollback gateway-0/,
    )
    assert.match((await desk.run('status')).stdout, /the lake is ahead of it, at position 3/)
  })

  test('is landed under a journal of its own once an operator accepts it', async () => {
    const kept = await desk.run('loader', '--accept-rollback', 'gateway-0', '--json')
    assert.equal(kept.code, 0, kept.stderr)
    const report = JSON.parse(kept.stdout)
    assert.equal(report.copied, 2)
    assert.ok(existsSync(report.kept))
    await write(7)
    assert.equal((await desk.run('loader', '--once')).code, 0)
    const { clean, events, notes } = await audit()
    assert.deepEqual({ clean, events, notes }, { clean: true, events: 4, notes: 1 })
  })

  test('names the partitions where there is no such one', async () => {
    const { code, stderr } = await desk.run('loader', '--accept-rollback', 'gateway-7')
    assert.equal(code, 2)
    assert.match(stderr, /has no partition gateway-7\. It has gateway-0\./)
  })
})

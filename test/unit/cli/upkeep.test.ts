/** Upkeep at once, by command. */
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { realMachine } from '../../../src/app/machine.ts'
import { eventEntry } from '../../support/entries.ts'
import { type Desk, openDesk } from '../../support/shell.ts'

const DAY_SECONDS = 86_400

suite('upkeep by command', () => {
  let desk: Desk
  beforeEach(async () => {
    desk = await openDesk()
    for (let number = 0; number < 3; number++) {
      await desk.append(eventEntry(number))
      assert.equal((await desk.run('loader', '--once')).code, 0)
    }
  })
  afterEach(() => desk.dispose())

  async function events(): Promise<unknown> {
    const sql = 'SELECT count(*) AS n FROM bronze.events'
    return JSON.parse((await desk.run('query', '--json', sql)).stdout)[0].n
  }

  test('compact makes one file of three, and no row is lost', async () => {
    const { code, stdout } = await desk.run('compact', '--table', 'bronze.arrivals', '--json')
    assert.equal(code, 0)
    const [{ table, filesBefore, filesAfter, compactedFiles }] = JSON.parse(stdout).tables
    assert.deepEqual([table, filesBefore, filesAfter, compactedFiles], ['bronze.arrivals', 3, 1, 3])
    assert.equal(await events(), 3)
    assert.equal((await desk.run('audit')).code, 0)
    assert.match((await desk.run('compact')).stdout, /bronze\.arrivals +1 +1 +0B/)
  })

  test('vacuum removes what no commit named for a day, and nothing else', async () => {
    const folder = join(desk.folder, 'data/lake/bronze/arrivals/outcome=event')
    const [day = ''] = readdirSync(folder)
    mkdirSync(join(folder, day), { recursive: true })
    for (const [name, days] of [
      ['old', 2],
      ['young', 0.5],
    ] as const) {
      const path = join(folder, day, `${name}.parquet`)
      await desk.write(path.slice(desk.folder.length + 1), 'no commit names it')
      const time = realMachine.clock.now() / 1000 - days * DAY_SECONDS
      utimesSync(path, time, time)
    }
    const { stdout } = await desk.run('vacuum', '--json')
    const arrivals = JSON.parse(stdout).tables.find(
      ({ table }: { table: string }) => table === 'bronze.arrivals',
    )
    assert.equal(arrivals.removedFiles, 1)
    assert.ok(readdirSync(join(folder, day)).includes('young.parquet'))
    assert.equal(await events(), 3)
  })

  test('a table that there cannot be is a wrong call', async () => {
    const { code, stderr } = await desk.run('compact', '--table', 'bronze.nothing')
    assert.equal(code, 2)
    assert.match(stderr, /bronze\.arrivals/)
  })
})

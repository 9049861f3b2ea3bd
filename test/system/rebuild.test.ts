/** `inlet rebuild` as a real process: in another time zone, and killed whenever. */
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { goldTables } from '../../src/tables/gold.ts'
import { silverTables } from '../../src/tables/silver.ts'
import { type Desk, openDesk } from '../support/shell.ts'
import { runInlet, startInlet } from './inlet-process.ts'

const samples = join(import.meta.dirname, '../../samples')
const KILLS = 3

let desk: Desk
beforeEach(async () => {
  desk = await openDesk()
  const lines = ['analytics', 'constructed', 'eventbridge'].flatMap((name) => linesIn(name))
  await desk.write('history.ndjson', lines.join('\n'))
  const { code } = await desk.run('import', 'history.ndjson', '--source', 'trial')
  assert.equal(code, 0)
  assert.equal((await desk.run('loader', '--once')).code, 0)
})
afterEach(() => desk.dispose())

/** Each body of a folder in a line of its own. */
function linesIn(name: string): string[] {
  const files = readdirSync(join(samples, name)).filter((file) => /json$/.test(file))
  return files.flatMap((file) => {
    const text = readFileSync(join(samples, name, file), 'utf8')
    return file.endsWith('.json') ? [JSON.stringify(JSON.parse(text))] : text.trim().split('\n')
  })
}

/** How many rows each table has, and a hash of all that is in them. */
async function rows(): Promise<string[]> {
  const tables = [...silverTables, ...goldTables].map(({ name }) => name)
  const each = tables.map(
    (name) => `SELECT '${name}' AS name, to_json(one)::VARCHAR AS row
    FROM ${name} AS one`,
  )
  const sql = `SELECT name, count(*) AS n, md5(string_agg(row, '' ORDER BY row)) AS content
    FROM (${each.join(' UNION ALL ')}) GROUP BY name ORDER BY name`
  const { stdout } = await desk.run('query', '--json', sql)
  return JSON.parse(stdout).map((row: object) => Object.values(row).join(' '))
}

test('makes the rows that were there, in whatever time zone, and ended wherever', async (t) => {
  const here = { cwd: desk.folder, env: { TZ: 'America/St_Johns' } }
  await runInlet(['rebuild', 'silver'], here)
  const before = await rows()
  assert.ok(before.length >= 8, before.join('\n'))
  const abroad = { cwd: desk.folder, env: { TZ: 'Asia/Kathmandu' } }
  const waits: number[] = []
  let ended = 0
  for (let kills = 0; kills < KILLS; kills++) {
    const waitMs = randomInt(400, 3000)
    waits.push(waitMs)
    const process = startInlet(['rebuild', 'silver'], abroad)
    const killing = new AbortController()
    const kill = sleep(waitMs, null, { signal: killing.signal }).then(() =>
      process.signal('SIGKILL'),
    )
    if ((await process.ended) === 'SIGKILL') ended++
    killing.abort()
    await kill.catch(() => undefined)
    assert.deepEqual(await rows(), before, `after a kill at ${waitMs} ms`)
  }
  t.diagnostic(`killed after ${waits.join(', ')} ms; ${ended} of them before it was done`)
  await runInlet(['rebuild', 'silver'], abroad)
  assert.deepEqual(await rows(), before)
})

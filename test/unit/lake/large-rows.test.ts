/** Bodies as large as any source may deliver, in the memory that the loader gives its engine. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { test } from 'node:test'
import { sqlOptions } from '../../../src/app/lake-access.ts'
import { nodeFiles } from '../../../src/core/node-files.ts'
import { seededRandom } from '../../../src/core/random.ts'
import { openSqlEngine } from '../../../src/lake/sql/duckdb.ts'
import { Upkeep } from '../../../src/lake/upkeep.ts'
import { audit } from '../../../src/loader/audit.ts'
import { arrival, arrivalRange, openTestLake } from '../../support/lake.ts'

const LARGEST_BODY = 64 * 2 ** 20

test('rows of the largest bodies are compacted and audited, beside small ones', async () => {
  const lake = await openTestLake()
  const options = { ...sqlOptions(lake.root), threads: 2, folder: join(lake.root, 'spill-large') }
  const engine = await openSqlEngine(options)
  try {
    // Digits without a pattern: what compresses well needs less memory.
    const digits = createHash('shake256', { outputLength: LARGEST_BODY / 2 })
      .update('')
      .digest('hex')
    const body = Buffer.from(digits)
    const bodySha256 = createHash('sha256').update(body).digest()
    for (const position of [0, 1]) await lake.load([arrival(position, { body, bodySha256 })])
    await lake.load(arrivalRange(2, 5))
    const deps = { ...lake, engine, files: nodeFiles, random: seededRandom(3) }
    const upkeep = new Upkeep(deps, { scratch: lake.scratch })
    const limits = { targetSize: 2 ** 30, smallFiles: 2, settledFiles: 2, settledAfterMs: 0 }
    assert.equal((await upkeep.compact(lake.table, { limits })).compactedFiles, 3)
    const report = await audit(deps, lake.table, { scopes: new Map(), most: 10 })
    assert.deepEqual([report.bodyMismatches, report.events], [0, 5])
  } finally {
    engine.close()
    await lake.dispose()
  }
})

test('tasks of one thread take turns, and others go on beside them', async () => {
  const lake = await openTestLake()
  const engine = await openSqlEngine({ ...sqlOptions(lake.root), threads: 2 })
  const threads = async () =>
    Number((await engine.rows("SELECT current_setting('threads') AS n"))[0]?.['n'])
  try {
    const seen: number[] = []
    let running = 0
    const task = async () => {
      running++
      seen.push(await threads(), running)
      await engine.rows('SELECT count(*) FROM range(1000000)')
      running--
      if (seen.length === 4) throw new Error('this one fails')
    }
    const tasks = await Promise.allSettled([1, 2, 3].map(() => engine.withOneThread(task)))
    assert.deepEqual(
      tasks.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    )
    assert.deepEqual(seen, [1, 1, 1, 1, 1, 1])
    assert.equal(await threads(), 2)
  } finally {
    engine.close()
    await lake.dispose()
  }
})

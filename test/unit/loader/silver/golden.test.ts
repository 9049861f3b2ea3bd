/**
 * Golden cases of silver. `test/golden/silver/cases/<case>.in.json` (or `.in.ndjson`) is a body as
 * it is posted, `<case>.rows.ndjson` every row of silver that it becomes, without its nulls and
 * without what is the same in all of them. `test/golden/silver/samples` has such rows for each file
 * of `samples`, at the same path. A new case is two new files.
 */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { arrivalsOf, openSilver, type Silver, silverOf } from '../../../support/silver-rows.ts'

const samples = join(import.meta.dirname, '../../../../samples')
const golden = join(import.meta.dirname, '../../../golden/silver')
const silver: Silver = await openSilver()
after(() => silver.close())

const paths = globSync('{eventbridge,analytics,constructed}/*', { cwd: samples }).filter(
  (path) => !path.endsWith('expected.ndjson'),
)

describe('silver of the samples', () => {
  for (const path of paths.toSorted()) {
    it(path, () =>
      check(join(samples, path), join(golden, 'samples', path.replace(/\.\w+$/, '.rows.ndjson'))),
    )
  }
})

describe('silver, golden cases', () => {
  for (const path of globSync('cases/*.in.*', { cwd: golden }).toSorted()) {
    it(path, () =>
      check(join(golden, path), join(golden, path.replace(/\.in\.\w+$/, '.rows.ndjson'))),
    )
  }
})

async function check(bodies: string, rows: string): Promise<void> {
  const expected = readFileSync(rows, 'utf8').trim().split('\n')
  const found = await silver.rows(arrivalsOf(readFileSync(bodies)))
  assert.deepEqual(
    found.map(silverOf),
    expected.map((line) => JSON.parse(line)),
  )
}

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { openSqlEngine } from '../../../../src/lake/sql/duckdb.ts'
import { identifier, literal, literals, qualified } from '../../../../src/lake/sql/quote.ts'
import { sqlOptions } from '../../../support/lake.ts'
import { temporaryFolder } from '../../../support/temporary.ts'

const folder = await temporaryFolder()
const engine = await openSqlEngine(sqlOptions(folder.path))
after(async () => {
  engine.close()
  await folder.dispose()
})

const unit = fc.oneof(
  fc.constantFrom("'", '"', '\\', '$', '%', ';', '-', '*', '/', '\n', '\0', '\ud800', '😀'),
  fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
)
const text = fc.string({ unit, maxLength: 20 })

test('DuckDB reads a quoted literal back as the very text', async () => {
  await fc.assert(
    fc.asyncProperty(text, text, async (one, other) => {
      const [row] = await engine.rows(
        `SELECT ${literal(one)} AS a, ${literals([one, other])} AS both`,
      )
      assert.equal(row?.['a'], one.toWellFormed())
      assert.deepEqual(row?.['both'], [one.toWellFormed(), other.toWellFormed()])
    }),
    { numRuns: 50 },
  )
})

test('a literal may hold as many NULs as an event id', async () => {
  const text = '\0'.repeat(512)
  assert.deepEqual(await engine.rows(`SELECT ${literal(text)} AS text`), [{ text }])
})

test('DuckDB takes a quoted identifier for the very name', async () => {
  const name = text.filter((one) => one !== '' && !one.includes('\0'))
  await fc.assert(
    fc.asyncProperty(name, async (one) => {
      const [row] = await engine.rows(`SELECT 1 AS ${identifier(one)}`)
      assert.deepEqual(Object.keys(row ?? {}), [one.toWellFormed()])
    }),
    { numRuns: 50 },
  )
})

test('a qualified name is quoted part by part', () => {
  assert.equal(qualified('bronze.a"b'), '"bronze"."a""b"')
})

test('a name that DuckDB would cut short is refused', () => {
  assert.throws(() => identifier('a\0b'), TypeError)
})

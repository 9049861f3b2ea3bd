import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { DuckDBInstance } from '@duckdb/node-api'
import { cliPage } from '../../scripts/generate/cli.ts'
import { configPage } from '../../scripts/generate/config.ts'
import { errorsPage } from '../../scripts/generate/errors.ts'
import { importLevels } from '../../scripts/generate/import-levels.ts'
import { limitsPage } from '../../scripts/generate/limits.ts'
import { table } from '../../scripts/generate/markdown.ts'
import { metricsPage } from '../../scripts/generate/metrics.ts'
import { tablesPage, viewsSql } from '../../scripts/generate/tables.ts'
import { arrivals, arrivalViews } from '../../src/tables/arrivals.ts'
import { joinedViews } from '../../src/tables/lake-tables.ts'
import type { Table } from '../../src/tables/table.ts'

const calls: Table = {
  name: 'silver.calls',
  description: 'Every call.',
  row: 'a call',
  partitionedBy: [],
  columns: [
    {
      name: 'caller',
      type: 'VARCHAR',
      description: 'Who called.',
      personal: true,
      statistics: false,
    },
  ],
}

suite('generated pages', () => {
  test('errors stand in the section of their area, with everything the catalogue says', () => {
    const page = errorsPage({
      INL_AAA_ONE: { disposition: 'retry', status: 503, message: '{a} | <b>', remedy: 'Wait.' },
      INL_BBB_TWO: { disposition: 'fatal', status: null, message: 'two', remedy: 'Stop.' },
      INL_AAA_THREE: { disposition: 'reject', status: 400, message: 'three', remedy: 'Go.' },
    })
    assert.match(page, /\| `INL_AAA_ONE` \| \{a\} \\\| &lt;b> \| Wait\. \| retry \| 503 \|/)
    const [, first, second] = page.split('\n## ')
    assert.match(first ?? '', /^AAA[\s\S]*INL_AAA_ONE[\s\S]*INL_AAA_THREE/)
    assert.match(second ?? '', /^BBB[\s\S]*`INL_BBB_TWO` \| two \| Stop\. \| fatal \| {2}\|/)
  })

  test('metrics tell their labels, and what these may hold', () => {
    const page = metricsPage({
      inlet_a_total: { type: 'counter', help: 'One.', labels: { source: 'sources' } },
      inlet_b: { type: 'gauge', help: 'Two.', labels: { reason: ['x', 'y'] } },
    })
    assert.match(page, /\| `inlet_a_total` \| counter \| One\. \| `source`: a source \|/)
    assert.match(page, /\| `inlet_b` \| gauge \| Two\. \| `reason`: x, y \|/)
  })

  test('limits tell their value, and as what they are counted', () => {
    const entry = { unit: 'bytes', against: 'A flood', meets: '503', reason: null } as const
    const page = limitsPage(
      { one: entry, two: { ...entry, reason: 'slow' } },
      { one: 2000, two: 3 },
    )
    assert.match(page, /\| `one` \| 2,000 bytes \| A flood \| 503 \| {2}\|/)
    assert.match(page, /\| `two` \| 3 bytes \| A flood \| 503 \| `slow` \|/)
  })

  test('a table of Markdown keeps one line a row', () => {
    assert.equal(table(['A'], [['b\nc|d']]), '| A |\n| --- |\n| b c\\|d |\n')
  })

  test('tables list their columns, what is personal, and their own views only', () => {
    const page = tablesPage([arrivals, calls], arrivalViews)
    const [, bronze, silver] = page.split('\n## ')
    for (const { name } of arrivals.columns)
      assert.match(bronze ?? '', new RegExp(`\\| \`${name}\` `))
    for (const { name } of arrivalViews) assert.match(bronze ?? '', new RegExp(`\\| \`${name}\` `))
    assert.match(silver ?? '', /Partitioned by nothing[\s\S]*Who called\. \*Personal\.\*/)
    assert.doesNotMatch(silver ?? '', /bronze/)
  })

  test('configuration keys are listed with all that is below them', () => {
    const leaf = { title: 'a size', description: 'How much.', examples: ['1MiB'] }
    const body = { properties: { limit: { ...leaf, default: '2MiB' } }, required: ['limit'] }
    const page = configPage({
      properties: {
        sources: {
          description: 'Who.',
          items: {
            properties: { name: leaf, auth: { title: 'a choice', anyOf: [{}, body] } },
            required: ['name'],
          },
        },
      },
    })
    assert.match(page, /## `sources`\n\nWho\.\n/)
    assert.match(page, /\| `sources\[\]\.name` \| a size \| required \| How much\. \| `1MiB` \|/)
    assert.match(page, /\| `sources\[\]\.auth\.limit` \| a size \| required \|/)
  })

  test('every command is there with the help that it prints', () => {
    const page = cliPage()
    assert.match(page, /## `inlet journal inspect`\n\n```text\nUsage: inlet journal inspect/)
    assert.equal(page.match(/-c, --config/g)?.length, 1)
  })

  test('every folder of a level is kept from its siblings and from above', () => {
    const { overrides } = JSON.parse(importLevels([['a'], ['b', 'c'], ['d']]))
    const denied = overrides.map((override: Override) => [
      ...override.includes,
      ...override.linter.rules.style.noRestrictedImports.options.patterns[0].group,
    ])
    const of = (folder: string) => `../**/${folder}/**`
    assert.deepEqual(denied, [
      ['src/a/**', of('b'), of('c'), of('d')],
      ['src/b/**', of('c'), of('d')],
      ['src/c/**', of('b'), of('d')],
    ])
  })
})

interface Override {
  includes: string[]
  linter: {
    rules: { style: { noRestrictedImports: { options: { patterns: [{ group: string[] }] } } } }
  }
}

suite('generated views', () => {
  test('are SQL that an engine takes, and select by outcome', async () => {
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    const columns = arrivals.columns.map(({ name, type }) => `${name} ${type}`).join(', ')
    await connection.run(`CREATE SCHEMA bronze; CREATE TABLE bronze.arrivals (${columns})`)
    for (const table of joinedViews.flatMap(({ tables }) => tables)) {
      const typed = table.columns.map(({ name, type }) => `${name} ${type}`).join(', ')
      await connection.run(`CREATE SCHEMA IF NOT EXISTS ${table.name.split('.')[0]};
        CREATE TABLE IF NOT EXISTS ${table.name} (${typed})`)
    }
    await connection.run(viewsSql(arrivalViews, joinedViews))
    await connection.run(
      "INSERT INTO bronze.arrivals (outcome) VALUES ('event'), ('note'), ('note')",
    )
    const count = async (name: string) =>
      (await connection.runAndReadAll(`SELECT * FROM ${name}`)).currentRowCount
    const counts = []
    for (const { name } of arrivalViews) counts.push(await count(name))
    connection.closeSync()
    instance.closeSync()
    assert.deepEqual(counts, [1, 0, 0, 2])
  })

  test('a name that would need quotes is refused', () => {
    const view = { name: 'silver.Odd', description: '', table: calls, where: 'true' }
    assert.throws(() => viewsSql([view]), /silver\.Odd would need quotes/)
  })
})

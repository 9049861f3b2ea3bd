/**
 * Writes the files that are made from the sources: `npm run generate`. With `--check` it writes
 * nothing and fails when one of them is not what it would write.
 *
 * The source of truth is named beside each file. Nothing here depends on time, place or machine.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { configJsonSchema } from '../src/app/config/schema.ts'
import { errorCatalogue } from '../src/core/errors.ts'
import { limitTable } from '../src/ingress/limit-table.ts'
import { defaultLimits } from '../src/ingress/options.ts'
import { metricCatalogue } from '../src/observe/metrics.ts'
import { joinedViews, lakeTables, lakeViews } from '../src/tables/lake-tables.ts'
import { levels } from '../test/tidy/imports.ts'
import { cliPage } from './generate/cli.ts'
import { configPage } from './generate/config.ts'
import { errorsPage } from './generate/errors.ts'
import { importLevels } from './generate/import-levels.ts'
import { limitsPage } from './generate/limits.ts'
import { metricsPage } from './generate/metrics.ts'
import { tablesPage, viewsSql } from './generate/tables.ts'

const limits = { ...defaultLimits }

/** A generator is one line: the path that it writes, and what belongs there. */
const generators: Readonly<Record<string, () => string>> = {
  'docs/generated/errors.md': () => errorsPage(errorCatalogue), // src/core/errors.ts
  'docs/generated/limits.md': () => limitsPage(limitTable, limits), // src/ingress/limit-table.ts
  'docs/generated/metrics.md': () => metricsPage(metricCatalogue), // src/observe/metrics.ts
  'docs/generated/tables.md': () => tablesPage(lakeTables, lakeViews, joinedViews), // src/tables/
  'docs/generated/views.sql': () => viewsSql(lakeViews, joinedViews), // src/tables/
  'docs/generated/config.md': () => configPage(configJsonSchema()), // src/app/config/
  'docs/generated/cli.md': () => cliPage(), // src/cli/
  'docs/generated/inlet.schema.json': () => json(configJsonSchema()), // src/app/config/
  'docs/generated/import-levels.json': () => importLevels(levels), // test/tidy/imports.ts
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

const root = new URL('../', import.meta.url)
const files = Object.entries(generators).map(([path, generate]) => ({ path, text: generate() }))
const current = await Promise.all(
  files.map(({ path }) => readFile(new URL(path, root), 'utf8').catch(() => null)),
)
const stale = files.filter(({ text }, index) => text !== current[index])

if (process.argv.includes('--check')) {
  for (const { path } of stale) console.error(`${path} differs from what its sources make`)
  if (stale.length > 0) console.error('Run `npm run generate` and commit what it writes.')
  process.exitCode = stale.length > 0 ? 1 : 0
} else {
  for (const { path, text } of stale) {
    await mkdir(new URL('./', new URL(path, root)), { recursive: true })
    await writeFile(new URL(path, root), text)
    console.log(`${path} written`)
  }
}

/**
 * The repository's own style as a test. The checks and the tests of them stand in test/tidy/; here
 * they meet everything that git tracks.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { bannedCalls } from './tidy/banned-calls.ts'
import { fileBudgets, functionLengths, lineWidths, parameterCounts } from './tidy/budgets.ts'
import { deadReferences, historyWords, missingHeader, unfinishedWork } from './tidy/comments.ts'
import * as dependencies from './tidy/dependencies.ts'
import { floatingPromises } from './tidy/floating-promises.ts'
import { importCycles, importDirections, toldLevels } from './tidy/imports.ts'
import { deadLinks } from './tidy/markdown.ts'
import { betrayedPlaces, largeBlobs, strayRootNames } from './tidy/repository.ts'
import { type Finding, parseSources, type Source } from './tidy/source.ts'
import { skippedTests, vacuousAssertions } from './tidy/test-files.ts'

const root = new URL('../', import.meta.url)
const listed = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
const paths = listed.split('\0').filter((path) => path !== '' && existsSync(new URL(path, root)))
const texts = Object.fromEntries(
  paths.map((path) => [path, readFileSync(new URL(path, root), 'utf8')] as const),
)
const codePaths = paths.filter(
  (path) => /^(src|test|bench|scripts|bin)\/.*\.[jt]s$/.test(path) && !/\/fixtures\//.test(path),
)
const code = pick(codePaths)
const sources = parseSources(code)

suite('tidy', () => {
  test('files are short', () => clean(fileBudgets(code)))
  test('lines are short', () => clean(lineWidths(code)))
  test('functions are short', () => cleanEach(functionLengths))
  test('parameter lists are short', () => cleanEach(parameterCounts))
  test('time, randomness, environment and exit come through ports', () => cleanEach(bannedCalls))
  test('imports point downwards', () => cleanEach(importDirections))
  test('imports make no circles', () => clean(importCycles(sources)))
  test('levels are told as they are held', () =>
    clean(toldLevels('ARCHITECTURE.md', texts['ARCHITECTURE.md'] ?? '')))
  test('every promise is waited for', () => clean(floatingPromises(fileURLToPath(root), codePaths)))
  test('nothing is left to do', () => cleanEach(unfinishedWork))
  test('comments tell no history', () => cleanEach(historyWords))
  test('files of src say what they are for', () => cleanEach(missingHeader))
  test('files that comments name are there', () => {
    const known = new Set(paths)
    cleanEach((source) => deadReferences(source, known))
  })
  test('no test is skipped or singled out', () => cleanEach(skippedTests))
  test('every assertion can fail', () => cleanEach(vacuousAssertions))
  test('links in Markdown lead somewhere', () =>
    clean(deadLinks(pick(paths.filter((path) => path.endsWith('.md'))), paths)))
  test('the root holds what it should', () => clean(strayRootNames(paths)))
  test('no large blobs', () => clean(largeBlobs(sizes())))
  test('no file names the machine it was written on', () => clean(betrayedPlaces(texts)))
  test('dependencies are pinned, verified and run nothing', () => {
    for (const path of paths.filter((name) => /(^|\/)package\.json$/.test(name))) {
      const manifest: dependencies.Manifest = JSON.parse(texts[path] ?? '')
      clean(dependencies.unpinnedVersions(path, manifest))
      clean(dependencies.allowedScripts(path, manifest))
    }
    const lock: dependencies.Lock = JSON.parse(texts['package-lock.json'] ?? '')
    clean(dependencies.installScripts('package-lock.json', lock))
    clean(dependencies.boundLocks('package-lock.json', lock))
  })
})

function clean(findings: readonly Finding[]) {
  assert.ok(findings.length === 0, `\n${findings.join('\n')}`)
}

function cleanEach(check: (source: Source) => Finding[]) {
  clean(sources.flatMap(check))
}

function pick(names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, texts[name] ?? '']))
}

function sizes() {
  return Object.fromEntries(paths.map((path) => [path, statSync(new URL(path, root)).size]))
}

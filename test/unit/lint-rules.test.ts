/**
 * The linter's rules on promises are young, and a rule that silently stops working looks like clean
 * code: here the project's own configuration meets fixtures that break them.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { temporaryFolder } from '../support/temporary.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const fixtures = join(root, 'test/fixtures/lint')

suite('the linter', () => {
  let reported: string[]
  let folder: { path: string; dispose: () => Promise<void> }

  before(async () => {
    folder = await temporaryFolder()
    const configuration: Configuration = JSON.parse(
      await readFile(join(root, 'biome.json'), 'utf8'),
    )
    const { linter, extends: extended } = configuration
    await cp(fixtures, folder.path, { recursive: true })
    for (const path of extended) await cp(join(root, path), join(folder.path, path))
    await writeFile(join(folder.path, 'biome.json'), JSON.stringify({ linter, extends: extended }))
    reported = await lint(folder.path)
  })
  after(() => folder.dispose())

  for (const rule of ['noFloatingPromises', 'noMisusedPromises', 'noRestrictedImports']) {
    test(`finds every breach of ${rule}, and nothing else`, async () => {
      const expected = await marked(rule)
      assert.ok(expected.length > 0)
      assert.deepEqual(reported.filter((line) => line.endsWith(` ${rule}`)).sort(), expected)
    })
  }
})

/** `path:line rule` for each thing that is reported. */
async function lint(cwd: string): Promise<string[]> {
  const biome = join(root, 'node_modules/.bin/biome')
  const { stdout } = await promisify(execFile)(biome, ['lint', '--reporter=json', '.'], {
    cwd,
  }).catch((failed: { stdout: string }) => failed)
  const report: Report = JSON.parse(stdout)
  return report.diagnostics.map(({ category, location }) => {
    return `${location.path}:${location.start?.line} ${category.split('/').at(-1)}`
  })
}

/** The parts of biome.json that hold anywhere; the others name folders of this repository. */
interface Configuration {
  readonly linter: unknown
  readonly extends: readonly string[]
}

interface Report {
  readonly diagnostics: readonly {
    readonly category: string
    readonly location: { readonly path: string; readonly start?: { readonly line: number } }
  }[]
}

async function marked(rule: string): Promise<string[]> {
  const paths = await readdir(fixtures, { recursive: true })
  const found = paths
    .filter((path) => path.endsWith('.ts'))
    .map(async (path) => {
      const lines = (await readFile(join(fixtures, path), 'utf8')).split('\n')
      return lines.flatMap((line, index) =>
        line.endsWith(`// ${rule}`) ? [`${path}:${index + 1} ${rule}`] : [],
      )
    })
  return (await Promise.all(found)).flat().sort()
}

/**
 * Each check of syntax finds the fault that is planted here, and leaves its harmless neighbour
 * alone.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bannedCalls } from './banned-calls.ts'
import { functionLengths, parameterCounts } from './budgets.ts'
import { deadReferences, historyWords, missingHeader, unfinishedWork } from './comments.ts'
import { importCycles, importDirections, levels, toldLevels } from './imports.ts'
import { type Finding, parseEach, parseSources, type Source } from './source.ts'
import { skippedTests, vacuousAssertions } from './test-files.ts'

interface Planted {
  readonly name: string
  readonly check: (source: Source) => Finding[]
  readonly path?: string
  /** Texts with exactly one fault each, and texts without. */
  readonly found?: readonly string[]
  readonly left?: readonly string[]
}

const long = (head: string, tail = '}') => `${head}${'  x()\n'.repeat(70)}${tail}`

const planted: readonly Planted[] = [
  {
    name: 'a function over its lines is found in every form',
    check: functionLengths,
    found: [
      long('function f() {\n'),
      long('const f = () => {\n'),
      long('class C { m() {\n', '} }'),
      long("test('a', () => {\n", '})'),
    ],
    left: [
      `function f() {\n${'  x()\n'.repeat(68)}}`,
      `/*${'\n'.repeat(80)}*/\nfunction f() {}`,
      `suite('a', () => {\n${"test('b', () => {\n})\n".repeat(40)}})`,
      `const one = (f) => test('a', f)\nfunction all() {\n${'one(() => {\n})\n'.repeat(40)}}`,
    ],
  },
  {
    name: 'a fourth positional parameter is found, in code and in a port',
    check: parameterCounts,
    found: [
      'function f(a, b, c, d) {}',
      'const f = (a, b, c, d) => a',
      'class C { constructor(a, b, c, d) {} }',
      'interface I { m(a: 1, b: 2, c: 3, d: 4): void }',
    ],
    left: ['function f(a, b, { c, d, e }) {}'],
  },
  {
    name: 'time, randomness, environment and exit are found however they are reached',
    check: bannedCalls,
    found: [
      'Date.now()',
      'globalThis.Date.now()',
      'const now = Date.now',
      'new Date()',
      'performance.now()',
      'setTimeout(f, 1)',
      "import { setTimeout as sleep } from 'node:timers/promises'",
      "import * as later from 'node:timers/promises'",
      'AbortSignal.timeout(5)',
      'Math.random()',
      "import { randomUUID } from 'node:crypto'",
      'process.env.HOME',
      "process.env['HOME']",
      'process.exit(1)',
      'console.log(1)',
    ],
    left: [
      'new Date(0)',
      'clock.now()',
      "const text = 'Date.now()'",
      '// Date.now()',
      'const { env } = options',
      'clearTimeout(timer)',
    ],
  },
  {
    name: 'core may touch the clock, and nothing else',
    check: bannedCalls,
    path: 'src/core/a.ts',
    found: ['process.env.HOME', 'console.log()'],
    left: ['Date.now(); setTimeout(f, 1); Math.random()'],
  },
  {
    name: 'cli may read the environment, print and exit, and nothing else',
    check: bannedCalls,
    path: 'src/cli/a.ts',
    found: ['Date.now()'],
    left: ['process.exit(1); console.log(process.env.HOME)'],
  },
  {
    name: 'a test takes its time from a clock',
    check: bannedCalls,
    path: 'test/unit/a.test.ts',
    found: ['setTimeout(f, 1)', 'Date.now()'],
    left: ['console.log()'],
  },
  {
    name: 'a measurement takes the real time',
    check: bannedCalls,
    path: 'bench/a.ts',
    left: ['performance.now(); process.exit(1); console.log(process.env.HOME)'],
  },
  {
    name: 'imports upwards, sideways and outwards are found in every form',
    check: importDirections,
    found: [
      "import { x } from '../app/x.ts'",
      "import type { X } from '../ingress/x.ts'",
      "export * from '../reconcile/x.ts'",
      "const x = await import('../app/x.ts')",
      "import { x } from '../../test/x.ts'",
      "import { x } from '../nameless/x.ts'",
    ],
    left: [
      "import { x } from '../core/x.ts'",
      "import { x } from '../lake/delta/x.ts'",
      "import { x } from './x.ts'",
      "import { x } from 'zod'",
      "import { x } from 'node:fs'",
    ],
  },
  {
    name: 'a folder without a level is found',
    check: importDirections,
    path: 'src/nameless/a.ts',
    found: [''],
  },
  {
    name: 'unfinished work is found in comments and only there',
    check: unfinishedWork,
    found: [`// ${'TO'}DO: more`],
    left: [`const text = '// ${'TO'}DO'\nconst pattern = /\\/\\/ ${'FIX'}ME/`],
  },
  {
    name: 'history is found, also across lines',
    check: historyWords,
    found: [
      '/** This was\n * previously a list. */',
      '// The function no longer throws.',
      '/*\n * Fixes a\n * bug with empty lists.\n */',
      '// It now returns a list.',
    ],
    left: [
      '// A header of fixed size.',
      '// From now on nothing is accepted.',
      '// Waits no longer than the deadline, for files that no version needs any longer.',
      '// The new position, used to find the next.',
      "const text = 'previously'",
    ],
  },
  {
    name: 'a file of src without a header is found',
    check: missingHeader,
    found: ['export const a = 1'],
    left: ['/** What it is. */\nexport const a = 1'],
  },
  {
    name: 'a file that a comment names must be there',
    check: (source) => deadReferences(source, new Set(['src/loader/here.ts', 'docs/here.md'])),
    found: ['// see ./gone.ts', '/** (docs/gone.md) */', '// `../gone.ts`'],
    left: [
      '// ./here.ts, src/loader/here.ts:12, docs/here.md; src/<folder>/x.ts',
      "import './x.ts'",
    ],
  },
  {
    name: 'skipped and singled out tests are found in every form',
    check: skippedTests,
    found: [
      "test.skip('a', f)",
      "suite.only('a', f)",
      "it.todo('a')",
      "test('a', { skip: true }, f)",
      "test('a', { skip }, f)",
      "test('a', (t) => t.skip())",
    ],
    left: ["test('a', { timeout: 5 }, f)", 'list.skip(1)', 'query({ only: 1 })'],
  },
  {
    name: 'assertions that cannot fail are found',
    check: vacuousAssertions,
    found: ['assert.ok(true)', 'assert(1)', 'assert.equal(a, a)', "assert.equal('', '')"],
    left: ['assert.ok(a)', 'assert.equal(a, b)', 'assert.deepEqual(f(), f())'],
  },
]

/** One run of the compiler for all of them. */
const files = planted.flatMap(({ path = 'src/loader/a.ts', found = [], left = [] }) =>
  [...found, ...left].map((text) => ({ path, text })),
)
const sources = parseEach(files)

for (const { name, check, path = 'src/loader/a.ts', found = [], left = [] } of planted) {
  const findings = (text: string) => {
    const source = sources.find((one) => one.path === path && one.text === text)
    assert.ok(source)
    return check(source)
  }
  test(name, () => {
    for (const text of found) assert.equal(findings(text).length, 1, text)
    for (const text of left) assert.deepEqual(findings(text), [], text)
  })
}

test('a circle of imports is found with the way round, also one of types', () => {
  const circle = parseSources({
    'src/core/a.ts': "import { b } from './b.ts'",
    'src/core/b.ts': "import type { C } from './c.ts'",
    'src/core/c.ts': "import './a.ts'",
    'src/core/d.ts': "import './a.ts'",
  })
  const way = 'src/core/a.ts > src/core/b.ts > src/core/c.ts > src/core/a.ts'
  assert.deepEqual(importCycles(circle), [`src/core/a.ts:1: cycle: ${way}`])
  assert.deepEqual(importCycles(circle.slice(1)), [])
})

test('a level that a page leaves out or has wrong is found', () => {
  const row = (folder: string, level: number) => `| ${level}     | \`${folder}\`  | what for |\n`
  const rows = levels.flatMap((folders, level) => folders.map((folder) => row(folder, level)))
  assert.deepEqual(toldLevels('a.md', rows.join('')), [])
  assert.match(
    toldLevels('a.md', rows.slice(1).join('')).join(),
    /does not tell of core of level 0/,
  )
  assert.match(toldLevels('a.md', rows.join('') + row('core', 3)).join(), /core of level 3 is not/)
})

test('comments are told from what stands in strings, templates and patterns', () => {
  const first = "const a = 'http://x' // one"
  const second = 'const b = `/* $' + '{c /* two */} //`'
  const third = 'const d = /\\/\\// /* three */'
  const [source] = parseSources({ 'a.ts': [first, second, third].join('\n') })
  const found = source?.comments.map(({ text }) => text)
  assert.deepEqual(found, ['// one', '/* two */', '/* three */'])
})

test('a finding names the line on which the node stands', () => {
  const [source] = parseSources({ 'src/loader/a.ts': '\n/** A comment. */\n\nnew Date()\n' })
  assert.match(source === undefined ? '' : bannedCalls(source).join(), /^src\/loader\/a\.ts:4: /)
})

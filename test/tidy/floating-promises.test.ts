import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { floatingPromises } from './floating-promises.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

test('a promise that nobody waits for is found, whoever made it', () => {
  const lines = [
    "import assert from 'node:assert/strict'",
    "import { rm } from 'node:fs/promises'",
    "import { test } from 'node:test'",
    "import { nodeFiles } from './node-files.ts'",
    'export async function f() {',
    "  rm('a') // floats",
    "  assert.rejects(rm('a')) // floats",
    "  nodeFiles.remove('a') // floats",
    "  rm('a').then(() => 1) // floats",
    "  nodeFiles.remove('a').finally(() => 1) // floats",
    "  await rm('a')",
    "  void rm('a')",
    "  rm('a').catch(() => 1)",
    "  rm('a').then(() => 1, () => 2)",
    "  test('a', async () => {})",
    '  const scenario = (title: string) => test(title, async () => {})',
    "  scenario('a')",
    "  assert.ok('a')",
    '}',
  ]
  const path = 'src/core/units.ts'
  const found = floatingPromises(root, [path], { [path]: lines.join('\n') })
  const expected = lines.flatMap((line, index) => (line.endsWith('// floats') ? [index + 1] : []))
  assert.deepEqual(
    found.map((finding) => Number(finding.split(':')[1])),
    expected,
  )
})

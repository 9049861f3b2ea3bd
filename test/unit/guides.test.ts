/** What the guides tell a reader to write is what Inlet takes. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import { parseConfig } from '../../src/app/config/load.ts'
import { problemLine } from '../../src/app/config/problem.ts'
import { eventCatalogue } from '../../src/observe/events.ts'
import { metricCatalogue } from '../../src/observe/metrics.ts'

const project = new URL('../../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, project), 'utf8')
const pages = ['README.md', ...markdownOf('docs/guides'), ...markdownOf('docs/runbooks')]

function markdownOf(folder: string): string[] {
  try {
    const names = readdirSync(new URL(folder, project))
    return names.filter((name) => name.endsWith('.md')).map((name) => `${folder}/${name}`)
  } catch {
    return []
  }
}

function blocksOf(page: string, language: string): string[] {
  const blocks = read(page).matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)
  return [...blocks].flatMap(([, name, text]) => (name === language ? (text ?? '') : []))
}

suite('the pages for users', () => {
  for (const page of pages) {
    for (const [index, text] of blocksOf(page, 'yaml').entries()) {
      test(`${page}: configuration ${index + 1} is one that Inlet takes`, () => {
        const loaded = parseConfig(text, '/etc/inlet/inlet.yaml')
        const problems = loaded.ok ? [] : loaded.problems
        assert.deepEqual(
          problems.map((problem) => problemLine(page, problem)),
          [],
        )
      })
    }
    for (const [index, text] of blocksOf(page, 'json').entries()) {
      test(`${page}: document ${index + 1} is JSON`, () => {
        assert.ok(JSON.parse(text))
      })
    }
  }

  test('have configurations to look at', () => {
    assert.ok(pages.flatMap((page) => blocksOf(page, 'yaml')).length >= 2)
  })

  test('the pattern for EventBridge matches what Genesys publishes', () => {
    const [pattern = '{}'] = blocksOf('docs/guides/eventbridge.md', 'json')
    const { prefix } = JSON.parse(pattern).source[0]
    const samples = readdirSync(new URL('samples/eventbridge', project))
    assert.ok(samples.length > 0)
    for (const name of samples) {
      const { source } = JSON.parse(read(`samples/eventbridge/${name}`))
      assert.ok(source.startsWith(prefix), `${name}: ${source}`)
    }
  })
})

suite('the runbooks', () => {
  const runbooks = pages.filter((page) => page.startsWith('docs/runbooks/'))
  const naming = (text: string) => runbooks.filter((page) => read(page).includes(text))

  test('have one for each alert', () => {
    const { reason: reasons } = metricCatalogue.inlet_alert.labels
    for (const reason of reasons) {
      const found = naming(`inlet_alert{reason="${reason}"}`)
      assert.equal(found.length, 1, `${reason}: ${found.join(', ')}`)
    }
  })

  test('say what to do about every error that is told', () => {
    const elsewhere = pages.map(read).join('')
    // It brings the remedy of its own error along.
    for (const [name, { level }] of Object.entries(eventCatalogue))
      if (level === 'error' && name !== 'process_failed')
        assert.ok(elsewhere.includes(`\`${name}\``), name)
  })

  test('are found from the front page', () => {
    for (const page of runbooks) assert.ok(read('README.md').includes(`](${page})`), page)
  })
})

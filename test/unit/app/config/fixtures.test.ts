/** Adding a case is adding a file: a configuration, and beside it every complaint about it. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import { parseConfig } from '../../../../src/app/config/load.ts'
import { problemLine } from '../../../../src/app/config/problem.ts'

const folder = new URL('../../../fixtures/config/', import.meta.url)
const names = readdirSync(folder).flatMap((name) => /^(.*)\.yaml$/.exec(name)?.[1] ?? [])

suite('a wrong configuration', () => {
  for (const name of names) {
    test(`is told all that is wrong with it: ${name}`, () => {
      const complaints = complaintsOf(read(`${name}.yaml`))
      assert.equal(complaints, read(`${name}.txt`))
    })
  }

  test('is never answered with what may be a secret', () => {
    const text = read('secrets-in-plain.yaml')
    const secret = 'hunter2-hunter2'
    assert.ok(text.split(secret).length > 5)
    assert.doesNotMatch(complaintsOf(text), new RegExp(secret))
  })
})

function complaintsOf(text: string): string {
  const loaded = parseConfig(text, '/etc/inlet/inlet.yaml')
  assert.ok(!loaded.ok, 'it was accepted')
  return loaded.problems.map((problem) => `${problemLine('inlet.yaml', problem)}\n`).join('')
}

function read(name: string): string {
  return readFileSync(new URL(name, folder), 'utf8')
}

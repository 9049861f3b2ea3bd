/** The checks of whole files find the fault that is planted here, and leave its neighbour alone. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { fileBudgets, lineWidths } from './budgets.ts'
import * as dependencies from './dependencies.ts'
import { deadLinks } from './markdown.ts'
import { betrayedPlaces, largeBlobs, strayRootNames } from './repository.ts'

suite('budgets of files', () => {
  const lines = (count: number) => 'x\n'.repeat(count)

  test('one file over the maximum is named', () => {
    const many = Object.fromEntries([...'abcdefghijk'].map((name) => [name, lines(10)]))
    assert.deepEqual(fileBudgets({ ...many, long: lines(500) }), [])
    assert.match(fileBudgets({ ...many, long: lines(501) }).join(), /^long:1: 501 lines/)
  })

  test('files that are long on the whole are found', () => {
    assert.match(fileBudgets({ a: lines(121), b: lines(121), c: lines(1) }).join(), /median.*121/)
    const many = Object.fromEntries([...'abcdefghi'].map((name) => [name, lines(10)]))
    assert.deepEqual(fileBudgets({ ...many, j: lines(301) }), [])
    assert.match(fileBudgets({ a: lines(1), b: lines(1), c: lines(301) }).join(), /p90.*301/)
  })

  test('columns are counted in characters', () => {
    assert.deepEqual(lineWidths({ a: `ok\n${'ü'.repeat(100)}` }), [])
    assert.deepEqual(lineWidths({ a: `ok\n${'x'.repeat(101)}` }), ['a:2: 101 columns, at most 100'])
    assert.equal(lineWidths({ a: `const a = '${'x'.repeat(100)}'` }).length, 1)
    assert.deepEqual(lineWidths({ a: `  '${'x'.repeat(100)}',` }), [])
  })
})

suite('links in Markdown', () => {
  const paths = ['README.md', 'docs/guide.md', 'docs/adr/001.md']
  const dead = (text: string) =>
    deadLinks({ 'docs/guide.md': text, 'README.md': '# Two words' }, paths)

  test('a link to nothing is found, to a file, a folder or a heading', () => {
    for (const target of ['gone.md', '../gone/', '#gone', '../README.md#gone', '../../README.md'])
      assert.equal(dead(`# Here\n\n[x](${target})`).length, 1, target)
    assert.equal(dead('[x][1]\n\n[1]: gone.md').length, 1)
  })

  test('a link to something is left alone', () => {
    for (const target of ['adr/001.md', 'adr', '../README.md#two-words', '#here', 'https://a.b/c'])
      assert.deepEqual(dead(`# Here\n\n[x](${target})`), [], target)
    assert.deepEqual(dead('```\n[x](gone.md)\n```'), [])
  })
})

suite('what may be committed', () => {
  test('a stray name in the root is found', () => {
    assert.equal(strayRootNames(['src/a.ts', 'output.log', 'notes/a.md']).length, 2)
    assert.deepEqual(strayRootNames(['src/a.ts', 'README.md']), [])
  })

  test('a large blob is found', () => {
    assert.equal(largeBlobs({ 'a.bin': 256 * 1024 + 1 }).length, 1)
    assert.deepEqual(largeBlobs({ 'a.bin': 256 * 1024, 'package-lock.json': 10 ** 6 }), [])
  })

  test('paths of a machine and hosts of registries are found', () => {
    for (const text of [
      '/wo/rk/main',
      '/ro/ot/x',
      '/tm/p/brief',
      '/ho/me/x',
      'registr/y.npmjs.org',
    ])
      assert.equal(betrayedPlaces({ a: `x\n${unsplit(text)}` }).length, 1, text)
    assert.deepEqual(betrayedPlaces({ a: '/var/lib/inlet, a schema registry, the root/' }), [])
  })
})

suite('dependencies', () => {
  test('a version that is a range is found', () => {
    for (const version of ['^1.2.3', '~1.2.3', '1.x', '*', 'latest', 'git+ssh://x'])
      assert.equal(dependencies.unpinnedVersions('p', { dependencies: { a: version } }).length, 1)
    const pinned = { a: '1.2.3', b: '1.5.5-r.5' }
    assert.deepEqual(dependencies.unpinnedVersions('p', { devDependencies: pinned }), [])
  })

  test('a script at installation is found, except for the one that is allowed', () => {
    const lock = (name: string) => ({ packages: { [name]: { hasInstallScript: true } } })
    assert.equal(dependencies.installScripts('p', lock('node_modules/a')).length, 1)
    assert.equal(dependencies.installScripts('p', lock('node_modules/b/node_modules/a')).length, 1)
    assert.deepEqual(dependencies.installScripts('p', lock('node_modules/node')), [])
    assert.equal(dependencies.allowedScripts('p', { allowScripts: { a: true } }).length, 1)
  })

  test('a lock that is bound to a host or verifies nothing is found', () => {
    const lock = (entry: dependencies.LockedPackage) => ({ packages: { 'node_modules/a': entry } })
    const host = 'https://packages.example.com/a.tgz'
    assert.equal(dependencies.boundLocks('p', lock({ integrity: 'x', resolved: host })).length, 1)
    for (const entry of [{}, { optional: true }, { optional: true, os: ['linux'] }])
      assert.equal(dependencies.boundLocks('p', lock(entry)).length, 1)
    assert.deepEqual(dependencies.boundLocks('p', lock({ optional: true, os: ['darwin'] })), [])
    assert.deepEqual(dependencies.boundLocks('p', lock({ integrity: 'x' })), [])
    assert.deepEqual(dependencies.boundLocks('p', { packages: { dashboard: {} } }), [])
  })
})

/** Planted places are written with one slash too many, so that this file does not hold them. */
function unsplit(text: string): string {
  return text.replace(/(?<=^\/?[a-z]+)\/(?=[a-z])/, '')
}

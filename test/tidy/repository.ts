/** What may be committed: where, how large, and what no file may tell. */
import type { Finding, Texts } from './source.ts'
import { lineAt } from './source.ts'

/** The root stays one screen: a new name here is a decision. */
const rootNames = new Set([
  '.ci',
  '.dockerignore',
  '.editorconfig',
  '.github',
  '.gitignore',
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'Dockerfile',
  'LICENSE',
  'NOTICE',
  'README.md',
  'SECURITY.md',
  'bench',
  'bin',
  'biome.json',
  'dashboard',
  'docs',
  'infra',
  'package-lock.json',
  'package.json',
  'packaging',
  'samples',
  'scripts',
  'src',
  'test',
  'tsconfig.build.json',
  'tsconfig.json',
])

const blobBytes = 256 * 1024
const largeAllowed = new Set(['package-lock.json'])

export function strayRootNames(paths: readonly string[]): Finding[] {
  const names = new Set(paths.map((path) => path.split('/')[0] ?? path))
  return [...names]
    .filter((name) => !rootNames.has(name))
    .map((name) => `${name}:1: stray in the root: move it, or allow it in test/tidy/repository.ts`)
}

export function largeBlobs(sizes: Readonly<Record<string, number>>): Finding[] {
  return Object.entries(sizes)
    .filter(([path, size]) => size > blobBytes && !largeAllowed.has(path))
    .map(([path, size]) => `${path}:1: ${size} bytes, at most ${blobBytes}: generate it instead`)
}

/** Written so that no pattern matches its own source. */
const betraying = [
  { what: 'machine path', pattern: /\/(wor[k]|far[m]|roo[t])\/|\/tm[p]\/brief|\/hom[e]\/\w/ },
  {
    what: 'registry host',
    pattern: /registr[y]\.(npm|yarn)|artifactor[y]|pyp[i]\.org|prox[y]\.golang/,
  },
] as const

export function betrayedPlaces(texts: Texts): Finding[] {
  return Object.entries(texts).flatMap(([path, text]) =>
    betraying.flatMap(({ pattern, what }) => {
      const match = pattern.exec(text)
      if (match === null) return []
      return [`${path}:${lineAt(text, match.index)}: ${what} "${match[0]}": holds nowhere else`]
    }),
  )
}

/** The import rule: downwards only, never a folder of the same level, never in a circle. */
import { posix } from 'node:path'
import * as ast from 'typescript/unstable/ast'
import { type Finding, finding, type Source, visit } from './source.ts'

/** Folders of src, lowest first: a folder may import from itself and from any row above its own. */
export const levels: readonly (readonly string[])[] = [
  ['core'],
  ['event', 'observe', 'tables'],
  ['journal', 'lake', 'schemas', 'privacy', 'genesys'],
  ['dedup'],
  ['ingress', 'loader', 'reconcile', 'simulator', 'sinks'],
  ['ops'],
  ['app'],
  ['cli'],
]

export function importDirections(source: Source): Finding[] {
  const from = folderOf(source.path)
  if (from === null) return []
  if (levelOf(from) < 0)
    return [`${source.path}:1: src/${from} has no level: give it one in test/tidy/imports.ts`]
  return importsOf(source).flatMap(({ specifier, start }) => {
    if (!specifier.startsWith('.')) return []
    const to = folderOf(resolve(source.path, specifier))
    if (to === null)
      return [finding(source, start, `${specifier} lies outside of src, which stands alone`)]
    if (to === from || (levelOf(to) >= 0 && levelOf(to) < levelOf(from))) return []
    const rule = 'a folder imports from itself and from lower levels: pass it in instead'
    return [finding(source, start, `src/${from} imports from src/${to}; ${rule}`)]
  })
}

/** Rows `| level | folder |` of a page, held to the levels above. */
export function toldLevels(path: string, page: string): Finding[] {
  const rows = [...page.matchAll(/^\| (\d) +\| `([a-z]+)` +\|/gm)]
  const told = new Set(rows.map(([, level, folder]) => `${folder} of level ${level}`))
  const held = levels.flatMap((folders, level) =>
    folders.map((folder) => `${folder} of level ${level}`),
  )
  return [
    ...held.filter((one) => !told.has(one)).map((one) => `${path}: does not tell of ${one}`),
    ...[...told].filter((one) => !held.includes(one)).map((one) => `${path}: ${one} is not so`),
  ]
}

/** One finding for each file that can be reached from itself, with the way round. */
export function importCycles(sources: readonly Source[]): Finding[] {
  const edges = new Map(
    sources.map((source) => [
      source.path,
      importsOf(source)
        .filter(({ specifier }) => specifier.startsWith('.'))
        .map(({ specifier }) => resolve(source.path, specifier)),
    ]),
  )
  const done = new Set<string>()
  const findings: Finding[] = []
  const walk = (path: string, trail: readonly string[]) => {
    const begin = trail.indexOf(path)
    if (begin >= 0) findings.push(`${path}:1: cycle: ${[...trail.slice(begin), path].join(' > ')}`)
    if (begin >= 0 || done.has(path)) return
    for (const next of edges.get(path) ?? []) walk(next, [...trail, path])
    done.add(path)
  }
  for (const path of edges.keys()) walk(path, [])
  return findings
}

interface Import {
  readonly specifier: string
  readonly start: number
}

function importsOf(source: Source): Import[] {
  const found: Import[] = []
  visit(source.tree, (node) => {
    const specifier =
      ast.isImportDeclaration(node) || ast.isExportDeclaration(node)
        ? node.moduleSpecifier
        : ast.isCallExpression(node) && node.expression.kind === ast.SyntaxKind.ImportKeyword
          ? node.arguments[0]
          : undefined
    if (specifier !== undefined && ast.isStringLiteral(specifier))
      found.push({ specifier: specifier.text, start: ast.skipTrivia(source.text, node.pos) })
  })
  return found
}

function resolve(path: string, specifier: string): string {
  return posix.join(posix.dirname(path), specifier)
}

function folderOf(path: string): string | null {
  const [root, folder, ...rest] = path.split('/')
  return root === 'src' && folder !== undefined && rest.length > 0 ? folder : null
}

function levelOf(folder: string): number {
  return levels.findIndex((level) => level.includes(folder))
}

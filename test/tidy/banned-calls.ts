/**
 * Calls that would make code untestable or unsafe, each with the folders that may and the
 * replacement.
 */
import type { Node } from 'typescript/unstable/ast'
import * as ast from 'typescript/unstable/ast'
import { type Finding, finding, type Source, textOf, visit } from './source.ts'

interface Ban {
  readonly name: RegExp
  readonly instead: string
  /** Folders that may. */
  readonly allowed: readonly string[]
  /** Folders it holds for. */
  readonly within: readonly string[]
}

/** Real processes and measurements need real time; everything else can be given a clock. */
const real = ['src/core/', 'test/system/', 'test/support/', 'bench/', 'scripts/', 'bin/']
const shell = ['src/cli/', 'test/system/', 'test/support/', 'bench/', 'scripts/', 'bin/']
const everywhere = ['']

const bans: readonly Ban[] = [
  {
    name: /^(Date\.now|performance\.now|process\.hrtime(\.bigint)?)$/,
    instead: 'Clock.now or Clock.elapsed (src/core/clock.ts)',
    allowed: real,
    within: everywhere,
  },
  {
    name: /^(setTimeout|setInterval|AbortSignal\.timeout|timers\.\w+)$/,
    instead: 'Clock.sleep or Clock.every (src/core/clock.ts)',
    allowed: real,
    within: everywhere,
  },
  {
    name: /^(Math\.random|randomUUID|randomBytes|crypto\.(random\w+|getRandomValues))$/,
    instead: 'Random (src/core/random.ts)',
    allowed: real,
    within: everywhere,
  },
  {
    name: /^process\.env$/,
    instead: 'a configuration key, or a parameter that src/cli passes in',
    allowed: shell,
    within: everywhere,
  },
  {
    name: /^process\.(exit|abort|kill)$/,
    instead: 'a thrown InletError: src/cli decides how the process ends',
    allowed: shell,
    within: everywhere,
  },
  {
    name: /^console\.\w+$/,
    instead: 'what src/observe offers, or a value that src/cli prints',
    allowed: ['src/cli/'],
    within: ['src/'],
  },
]

export function bannedCalls(source: Source): Finding[] {
  const active = bans.filter(
    ({ allowed, within }) =>
      within.some((folder) => source.path.startsWith(folder)) &&
      !allowed.some((folder) => source.path.startsWith(folder)),
  )
  const findings: Finding[] = []
  visit(source.tree, (node) => {
    const name = bannableName(source, node)
    const ban = active.find((candidate) => name !== null && candidate.name.test(name))
    if (ban !== undefined) findings.push(finding(source, node, `${name}: use ${ban.instead}`))
  })
  return findings
}

/** The global or imported name that a node uses, whether it is called or only passed on. */
function bannableName(source: Source, node: Node): string | null {
  if (ast.isNewExpression(node) && (node.arguments?.length ?? 0) === 0)
    return textOf(source, node.expression) === 'Date' ? 'Date.now' : null
  if (ast.isPropertyAccessExpression(node))
    return textOf(source, node)
      .replace(/^globalThis\./, '')
      .replace(/\?\./g, '.')
  if (ast.isNamespaceImport(node))
    return /timers/.test(textOf(source, node.parent.parent)) ? 'timers.x' : null
  if (ast.isImportSpecifier(node)) return (node.propertyName ?? node.name).text
  if (ast.isCallExpression(node) && ast.isIdentifier(node.expression)) return node.expression.text
  return null
}

/** Tests that run always and can fail: nothing skipped, nothing singled out, nothing vacuous. */
import type { Node } from 'typescript/unstable/ast'
import * as ast from 'typescript/unstable/ast'
import { type Finding, finding, type Source, textOf, visit } from './source.ts'

const runners = /^(test|it|suite|describe|t|context)$/
const switches = ['skip', 'only', 'todo']

export function skippedTests(source: Source): Finding[] {
  const findings: Finding[] = []
  visit(source.tree, (node) => {
    const found = skipMethod(source, node) ?? skipOption(source, node)
    if (found === null) return
    findings.push(
      finding(source, node, `${found}: a skip is a failure; delete the test or mend it`),
    )
  })
  return findings
}

function skipMethod(source: Source, node: Node): string | null {
  if (!ast.isPropertyAccessExpression(node) || !switches.includes(node.name.text)) return null
  return runners.test(textOf(source, node.expression)) ? textOf(source, node) : null
}

function skipOption(source: Source, node: Node): string | null {
  if (!ast.isCallExpression(node) || !runners.test(textOf(source, node.expression))) return null
  const options = node.arguments.flatMap((argument) =>
    ast.isObjectLiteralExpression(argument) ? [...argument.properties] : [],
  )
  const names = options.map((option) => /^\w+/.exec(textOf(source, option))?.[0] ?? '')
  return names.find((name) => switches.includes(name)) ?? null
}

/** An assertion of a literal, or of a thing against itself; two calls may well differ. */
export function vacuousAssertions(source: Source): Finding[] {
  const findings: Finding[] = []
  visit(source.tree, (node) => {
    if (!ast.isCallExpression(node)) return
    const name = textOf(source, node.expression)
    if (!/^assert(\.\w+)?$/.test(name)) return
    const [first, second] = node.arguments.map((argument) => textOf(source, argument))
    const literal = /^(true|false|null|\d+|'[^']*')$/
    const single = /^assert(\.ok)?$/.test(name)
    const same = first === second && first !== undefined && !first.includes('(')
    const vacuous = single ? literal.test(first ?? '') : same
    if (vacuous) findings.push(finding(source, node, 'this assertion cannot fail'))
  })
  return findings
}

/**
 * The calls that list tests: those of `node:test`, and what a file makes of them by
 * `const scenario = (title, run) => test(...)`.
 */
import type { Node } from 'typescript/unstable/ast'
import * as ast from 'typescript/unstable/ast'
import { visit } from './source.ts'

const own = ['test', 'it', 'suite', 'describe', 'before', 'after', 'beforeEach', 'afterEach']

export function isRunnerCall(node: Node, runners: ReadonlySet<string>): boolean {
  if (!ast.isCallExpression(node)) return false
  return ast.isIdentifier(node.expression) && runners.has(node.expression.text)
}

export function runnersOf(tree: Node): Set<string> {
  const names = new Set(own)
  visit(tree, (node) => {
    if (!ast.isVariableDeclaration(node) || !ast.isIdentifier(node.name)) return
    const { initializer } = node
    if (initializer === undefined || !ast.isArrowFunction(initializer)) return
    if (isListing(initializer.body, names)) names.add(node.name.text)
  })
  return names
}

/** A body that is nothing but one call of a runner. */
function isListing(body: Node, names: ReadonlySet<string>): boolean {
  if (!ast.isBlock(body)) return isRunnerCall(body, names)
  const [only, ...more] = body.statements
  if (only === undefined || more.length > 0 || !ast.isExpressionStatement(only)) return false
  return isRunnerCall(only.expression, names)
}

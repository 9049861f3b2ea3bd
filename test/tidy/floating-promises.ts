/**
 * Calls whose promise nobody waits for. The linter finds those of our own functions; it does not
 * know the types of Node and of packages, so that an `assert.rejects` or a `rm` could still float.
 * Here the type checker is asked.
 */
import type { Node } from 'typescript/unstable/ast'
import * as ast from 'typescript/unstable/ast'
import { API, type Checker } from 'typescript/unstable/sync'
import { isRunnerCall, runnersOf } from './runners.ts'
import { type Finding, lineAt, type Texts, visit } from './source.ts'

/**
 * Looks at the files `paths` of the project at `root`. A `planted` text stands in for what its file
 * holds.
 */
export function floatingPromises(
  root: string,
  paths: readonly string[],
  planted: Texts = {},
): Finding[] {
  const readFile = (path: string) => planted[path.slice(root.length)]
  const api = new API({ cwd: root, fs: { readFile } })
  try {
    const config = `${root}tsconfig.json`
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config)
    if (project === undefined) throw new Error(`the compiler does not read ${config}`)
    return paths.flatMap((path) => {
      const tree = project.program.getSourceFile(root + path)
      if (tree === undefined) return []
      const calls = statementCalls(tree)
      const types = project.checker.getTypeAtLocation(calls)
      return calls
        .filter((_, index) => isPromise(project.checker, types[index]))
        .map(
          (call) => `${path}:${lineAt(tree.text, ast.skipTrivia(tree.text, call.pos))}: ${floats}`,
        )
    })
  } finally {
    api.close()
  }
}

const floats = 'nobody waits for this promise: await it, return it, or write `void` and why'

function statementCalls(tree: Node): Node[] {
  const runners = runnersOf(tree)
  const calls: Node[] = []
  visit(tree, (node) => {
    if (!ast.isExpressionStatement(node)) return
    const { expression } = node
    if (!ast.isCallExpression(expression) || isHandled(expression)) return
    if (!isRunnerCall(expression, runners)) calls.push(expression)
  })
  return calls
}

function isHandled({ expression, arguments: given }: ast.CallExpression): boolean {
  if (!ast.isPropertyAccessExpression(expression)) return false
  const { text } = expression.name
  return (text === 'catch' && given.length === 1) || (text === 'then' && given.length === 2)
}

function isPromise(checker: Checker, type: ReturnType<Checker['getAnyType']> | undefined): boolean {
  if (type === undefined) return false
  return checker.getPropertyOfType(type, 'then') !== undefined
}

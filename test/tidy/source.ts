/**
 * Source files as the checks of tidy see them: text, syntax tree and comments.
 *
 * Every check is a pure function from paths and texts to findings, so that its own test can plant
 * the fault it looks for. The tree comes from the compiler's own parser; its interface is called
 * unstable by its makers, which the exact version in package.json answers.
 */
import type { Node } from 'typescript/unstable/ast'
import * as ast from 'typescript/unstable/ast'
import { createVirtualFileSystem } from 'typescript/unstable/fs'
import { API } from 'typescript/unstable/sync'

/** `path:line: what is wrong and what to do`. */
export type Finding = string

/** Texts by path from the root of the repository. */
export type Texts = Readonly<Record<string, string>>

export interface Source {
  readonly path: string
  readonly text: string
  readonly tree: Node
  readonly comments: readonly Comment[]
}

export interface Comment {
  readonly text: string
  readonly start: number
}

export function parseSources(texts: Texts): Source[] {
  return parseEach(Object.entries(texts).map(([path, text]) => ({ path, text })))
}

/** Each file in a root of its own, so that a path may occur many times. */
export function parseEach(files: readonly { path: string; text: string }[]): Source[] {
  const config = '/tsconfig.json'
  const options = '{"compilerOptions":{"noLib":true,"types":[],"noResolve":true,"allowJs":true}}'
  const placed = files.map(({ path, text }, index) => [`/${index}/${path}`, text] as const)
  const fs = createVirtualFileSystem({ ...Object.fromEntries(placed), [config]: options })
  const api = new API({ cwd: '/', fs })
  try {
    const snapshot = api.updateSnapshot({ openProjects: [config] })
    const program = snapshot.getProject(config)?.program
    return files.map(({ path, text }, index) => {
      const tree = program?.getSourceFile(`/${index}/${path}`)
      if (tree === undefined) throw new Error(`the compiler does not parse ${path}`)
      return { path, text, tree, comments: commentsOf(tree, text) }
    })
  } finally {
    api.close()
  }
}

export function visit(node: Node, each: (node: Node) => void) {
  each(node)
  node.forEachChild((child) => visit(child, each))
}

export function startOf(source: Source, node: Node): number {
  return ast.skipTrivia(source.text, node.pos)
}

export function textOf(source: Source, node: Node): string {
  return source.text.slice(startOf(source, node), node.end)
}

export function finding(source: Source, place: Node | number, message: string): Finding {
  const offset = typeof place === 'number' ? place : startOf(source, place)
  return `${source.path}:${lineAt(source.text, offset)}: ${message}`
}

export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}

/** Comments are what looks like one outside of strings, templates and regular expressions. */
function commentsOf(tree: Node, text: string): Comment[] {
  const literals: { start: number; end: number }[] = []
  visit(tree, (node) => {
    if (isOpaque(node)) literals.push({ start: ast.skipTrivia(text, node.pos), end: node.end })
  })
  const found: Comment[] = []
  const pattern = /\/\/.*|\/\*[\s\S]*?\*\//g
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const { index } = match
    const inside = literals.find(({ start, end }) => start <= index && index < end)
    if (inside === undefined) found.push({ text: match[0], start: index })
    else pattern.lastIndex = inside.end
  }
  return found
}

function isOpaque(node: Node): boolean {
  return (
    ast.isStringLiteral(node) ||
    ast.isRegularExpressionLiteral(node) ||
    ast.isNoSubstitutionTemplateLiteral(node) ||
    ast.isTemplateHead(node) ||
    ast.isTemplateMiddle(node) ||
    ast.isTemplateTail(node)
  )
}

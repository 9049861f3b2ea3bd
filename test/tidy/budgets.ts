/** How long files, functions, lines and parameter lists may be. */
import type { Node } from 'typescript/unstable/ast'
import * as ast from 'typescript/unstable/ast'
import { isRunnerCall, runnersOf } from './runners.ts'
import { type Finding, finding, lineAt, type Source, startOf, type Texts, visit } from './source.ts'

const fileLines = { median: 120, p90: 300, max: 500 }
const functionLines = 70
const columns = 100
const positionalParameters = 3

/** A single long file is named; where files are long on the whole, the longest of them are. */
export function fileBudgets(texts: Texts): Finding[] {
  const files = Object.entries(texts)
    .map(([path, text]) => ({ path, lines: text.trimEnd().split('\n').length }))
    .sort((a, b) => a.lines - b.lines)
  const over = files.filter(({ lines }) => lines > fileLines.max)
  const findings = over.map(
    ({ path, lines }) => `${path}:1: ${lines} lines, at most ${fileLines.max}: split it by owner`,
  )
  for (const [name, share] of [['median', 0.5] as const, ['p90', 0.9] as const]) {
    const found = files[Math.ceil(files.length * share) - 1]?.lines ?? 0
    if (found > fileLines[name])
      findings.push(`all files: ${name} of lines is ${found}, at most ${fileLines[name]}`)
  }
  return findings
}

/** A line that is one text may be longer: no formatter can wrap it. */
export function lineWidths(texts: Texts): Finding[] {
  return Object.entries(texts).flatMap(([path, text]) =>
    text.split('\n').flatMap((line, index) => {
      const width = [...line].length
      if (width <= columns || /^\s*(['"`]).*\1[,)]*$/.test(line)) return []
      return [`${path}:${index + 1}: ${width} columns, at most ${columns}`]
    }),
  )
}

/**
 * Tests that a function lists count for themselves: a suite is a list, not a function to be read.
 */
export function functionLengths(source: Source): Finding[] {
  const runners = runnersOf(source.tree)
  const findings: Finding[] = []
  visit(source.tree, (node) => {
    if (!ast.isFunctionLikeDeclaration(node)) return
    const lines = linesOf(source, node) - listedLines(source, node, runners)
    if (lines <= functionLines) return
    const remedy = 'plan in one function, do in another'
    findings.push(finding(source, node, `${lines} lines, at most ${functionLines}: ${remedy}`))
  })
  return findings
}

function linesOf(source: Source, node: Node): number {
  return lineAt(source.text, node.end) - lineAt(source.text, startOf(source, node)) + 1
}

function listedLines(source: Source, node: Node, runners: ReadonlySet<string>): number {
  let lines = 0
  node.forEachChild((child) => {
    lines += isRunnerCall(child, runners)
      ? linesOf(source, child)
      : listedLines(source, child, runners)
  })
  return lines
}

export function parameterCounts(source: Source): Finding[] {
  const findings: Finding[] = []
  visit(source.tree, (node) => {
    if (!ast.isFunctionLikeDeclaration(node) && !ast.isMethodSignatureDeclaration(node)) return
    const count = node.parameters.length
    if (count <= positionalParameters) return
    const most = `at most ${positionalParameters}: pass an object`
    findings.push(finding(source, node, `${count} positional parameters, ${most}`))
  })
  return findings
}

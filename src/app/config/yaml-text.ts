/** The text of a configuration file: its values, and where in the file each of them stands. */
import type { ParsedNode, YAMLParseError } from 'yaml'
import { isAlias, isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import { errorText } from '../../core/errors.ts'
import type { Path, Place, Problem } from './problem.ts'

export interface YamlText {
  readonly value: unknown
  /** What keeps it from being YAML; the value is then of no use. */
  readonly problems: readonly Problem[]
  /** Of the key or the list item at `path`, or of what is nearest above it. */
  place(path: Path): Place
}

const hint =
  'Look at indentation, brackets and colons near that place; text that holds any of []{}:,# goes into quotes.'

export function parseYaml(text: string): YamlText {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false })
  const at = (offset: number): Place => {
    const { line, col } = counter.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const complain = (place: Place, what: string, remedy = hint): Problem => {
    return { ...place, key: '', what: what.trim().replace(/\.$/, ''), remedy }
  }
  const problems = worthTelling(document.errors).map(({ pos, code, message }) =>
    complain(at(pos[0]), message, code === 'DUPLICATE_KEY' ? 'Write each key once.' : hint),
  )
  let value: unknown
  try {
    value = problems.length === 0 ? document.toJS() : null
  } catch (error) {
    // Aliases that grow without bound.
    problems.push(complain({ line: 1, column: 1 }, errorText(error)))
  }
  const resolve = (node: unknown) => (isAlias(node) ? node.resolve(document) : node)
  return {
    value,
    problems,
    place: (path) => at(offsetOf(document.contents, path, resolve)),
  }
}

/** Behind broken syntax comes its echo, line after line; keys that stand twice have none. */
function worthTelling(errors: readonly YAMLParseError[]): readonly YAMLParseError[] {
  const broken = errors.filter(({ code }) => code !== 'DUPLICATE_KEY')
  if (broken.length === 0) return errors
  return broken.toSorted((one, other) => one.pos[0] - other.pos[0]).slice(0, 1)
}

function offsetOf(root: ParsedNode | null, path: Path, resolve: (node: unknown) => unknown) {
  let node: unknown = root
  let offset = root?.range?.[0] ?? 0
  for (const part of path) {
    const found = itemOf(resolve(node), part)
    if (found === undefined) return offset
    const marker = isPair(found) ? found.key : found
    offset = (isNode(marker) ? marker.range?.[0] : undefined) ?? offset
    node = isPair(found) ? found.value : found
  }
  return offset
}

/** The pair of a mapping, or the item of a list. */
function itemOf(collection: unknown, part: string | number): unknown {
  if (isSeq(collection)) return typeof part === 'number' ? collection.items[part] : undefined
  if (!isMap(collection)) return undefined
  return collection.items.find(({ key }) => isScalar(key) && String(key.value) === String(part))
}

/**
 * Comments say what holds. What was, and what is still to do, stands in the history and in issues.
 */
import { posix } from 'node:path'
import { type Finding, finding, type Source } from './source.ts'

const unfinished = /\b(TODO|FIXME|XXX|HACK)\b/

/** Only phrases that speak of the code's own past: `fixed` alone may be a size, `now` a time. */
const history = [
  /\b(previously|formerly|used to be|not any ?more|refactored|renamed from|changed from)\b/i,
  /\b(this|it|that|code|function|class|module|option|we) (is |are |does |do )?no longer\b/i,
  /\bfix(es|ed)? (a|the|this|that|an) (bug|issue|crash|problem|race|regression)\b/i,
  /\bnow (also|uses?|takes?|returns?|handles?|supports?|works?|instead|we|it|that)\b/i,
  /\b(new|old) (version|implementation|behaviou?r|code|approach) (of this|is|was|here)\b/i,
]

export function unfinishedWork(source: Source): Finding[] {
  return source.comments
    .filter(({ text }) => unfinished.test(text))
    .map(({ start }) => finding(source, start, 'unfinished: do it, or open an issue'))
}

export function historyWords(source: Source): Finding[] {
  return source.comments.flatMap(({ text, start }) => {
    const flat = text.replace(/\s*\n\s*\*?\s*/g, ' ')
    const words = history.map((pattern) => pattern.exec(flat)?.[0]).find((found) => found)
    if (words === undefined) return []
    return [finding(source, start, `"${words}" tells history: say what holds`)]
  })
}

/** Files of src open with their purpose, guarantee and limits. */
export function missingHeader(source: Source): Finding[] {
  if (!source.path.startsWith('src/') || /^(#!.*\n)?\/\*\*/.test(source.text)) return []
  return [`${source.path}:1: no header: open the file with its purpose, guarantee and limits`]
}

/** A comment that names a file of the repository names one that is there. */
export function deadReferences(source: Source, paths: ReadonlySet<string>): Finding[] {
  const pattern =
    /(?<![\w/.<-])((?:\.{1,2}|src|test|bench|scripts|docs|bin)\/[\w./-]+\.(?:ts|js|md|sh))\b/g
  return source.comments.flatMap(({ text, start }) =>
    [...text.matchAll(pattern)].flatMap((match) => {
      const named = match[1] ?? ''
      const path = named.startsWith('.') ? posix.join(posix.dirname(source.path), named) : named
      if (paths.has(path)) return []
      return [finding(source, start + match.index, `${named} is not there`)]
    }),
  )
}

/** Links in Markdown lead to something: a file or folder of the repository, and a heading in it. */
import { posix } from 'node:path'
import { type Finding, lineAt, type Texts } from './source.ts'

export function deadLinks(texts: Texts, paths: readonly string[]): Finding[] {
  const known = new Set(paths.flatMap(withParents))
  return Object.entries(texts).flatMap(([path, text]) => {
    const prose = blankCode(text)
    return [...prose.matchAll(/\]\(([^()\s]+)(?: "[^"]*")?\)|^\[[^\]]+\]: (\S+)/gm)].flatMap(
      (match) => {
        const target = match[1] ?? match[2] ?? ''
        const problem = /^[a-z]+:/.test(target) ? null : problemOf(target, { path, texts, known })
        return problem === null ? [] : [`${path}:${lineAt(text, match.index)}: ${problem}`]
      },
    )
  })
}

interface Library {
  readonly path: string
  readonly texts: Texts
  readonly known: ReadonlySet<string>
}

function problemOf(target: string, { path, texts, known }: Library): string | null {
  const [file = '', anchor] = target.split('#')
  const to = file === '' ? path : posix.join(posix.dirname(path), file).replace(/\/$/, '')
  if (!known.has(to)) return `${target} leads nowhere`
  const text = texts[to]
  if (anchor === undefined || text === undefined) return null
  return anchorsOf(text).has(anchor) ? null : `${to} has no heading #${anchor}`
}

/** Anchors as the usual renderers make them: lower case, punctuation dropped, blanks to hyphens. */
function anchorsOf(text: string): Set<string> {
  const headings = [...blankCode(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, title = '']) => title)
  const counts = new Map<string, number>()
  return new Set(
    headings.map((title) => {
      const slug = title
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-')
      const count = counts.get(slug) ?? 0
      counts.set(slug, count + 1)
      return count === 0 ? slug : `${slug}-${count}`
    }),
  )
}

/** Fenced blocks become blanks of the same length, so that offsets hold. */
function blankCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```$/gm, (block) => block.replace(/[^\n]/g, ' '))
}

function withParents(path: string): string[] {
  const parts = path.split('/')
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

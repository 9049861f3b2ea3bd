/** The page of error codes, a section for each area. */
import type { ErrorEntry } from '../../src/core/errors.ts'
import { code, heading, notice, table } from './markdown.ts'

export function errorsPage(catalogue: Readonly<Record<string, ErrorEntry>>): string {
  const areas = Map.groupBy(Object.entries(catalogue), ([name]) => name.split('_')[1] ?? '')
  const sections = [...areas].map(([area, entries]) => {
    const rows = entries.map(([name, { disposition, status, message, remedy }]) => {
      return [code(name), message, remedy, disposition, status === null ? '' : String(status)]
    })
    const header = ['Code', 'What is wrong', 'What to do', 'Disposition', 'Status']
    return [heading(2, area), table(header, rows)].join('\n')
  })
  return [
    heading(1, 'Errors'),
    `${notice('src/core/errors.ts')}\n`,
    introduction,
    ...sections,
  ].join('\n')
}

const introduction = `\`{name}\` stands for a detail of the failure. The disposition says what
becomes of the call: \`retry\`: it may succeed later, nothing was changed; \`reject\`: the input is
wrong and stays wrong; \`dead-letter\`: the thing is kept whole where an operator finds it;
\`fatal\`: the process must not go on. The status is what a sender is answered, where one is.
`

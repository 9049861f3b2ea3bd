/** Markdown as the generated pages use it. */

/** The first lines of a generated file, in the form of its comments. */
export function notice(source: string): string {
  return `Generated from ${source} by \`npm run generate\`; do not edit.`
}

export function heading(level: number, text: string): string {
  return `${'#'.repeat(level)} ${text}\n`
}

export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  return `${[line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n')}\n`
}

export function code(text: string): string {
  return `\`${text}\``
}

/** A cell ends at a bar and at a line break, and shows no tag. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replace(/\s+/g, ' ').trim()
}

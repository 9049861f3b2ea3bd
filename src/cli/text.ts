/** Plain text in columns, for terminals. */

/** Rows of cells, aligned; the last cell of a row is not padded. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows)
    for (const [index, cell] of row.entries())
      widths[index] = Math.max(widths[index] ?? 0, cell.length)
  const line = (row: readonly string[]) =>
    row.map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0)))
  return rows.map((row) => `${line(row).join('  ').trimEnd()}\n`).join('')
}

/** Keeps what came from outside from moving the cursor or hiding text. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (one) => {
    const code = (one.codePointAt(0) ?? 0).toString(16).padStart(4, '0')
    return `\\u${code}`
  })
}

/** `1 event`, `2 events`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
}

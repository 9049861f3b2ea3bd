/** Query results as text: a table for people, CSV and JSON for programs. Pure. */
import type { PlainValue, QueryResult } from './query-result.ts'

/**
 * A cell of a table is cut at this many characters, so that a body does not fill the screen. A hash
 * in hexadecimal, as the id of an event may be, stands whole.
 */
const maxCellWidth = 64

/**
 * Aligned columns, numbers to the right. Control characters are shown, never sent to a terminal.
 */
export function formatTable(result: QueryResult): string {
  if (result.columns[0]?.name === 'explain_key') return plansIn(result)
  const header = result.columns.map(({ name }) => cell(name))
  const body = result.rows.map((row) => row.map((value) => cell(value === null ? '' : text(value))))
  const widths = header.map((name, index) =>
    body.reduce((widest, row) => Math.max(widest, width(row[index] ?? '')), width(name)),
  )
  const isNumber = header.map((_, index) => result.rows.every((row) => numeric(row[index] ?? null)))
  const line = (cells: readonly string[]) =>
    cells
      .map((one, index) => pad(one, widths[index] ?? 0, isNumber[index] ?? false))
      .join('  ')
      .trimEnd()
  const rule = widths.map((wide) => '-'.repeat(wide))
  return [header, rule, ...body].map((cells) => `${line(cells)}\n`).join('')
}

/** What EXPLAIN draws is as wide and as high as it is. */
function plansIn({ rows }: QueryResult): string {
  const lines = rows.flatMap(([, plan = null]) => text(plan).split('\n'))
  return lines.map((line) => `${line.replace(/[\p{Cc}\p{Cf}]/gu, escaped).trimEnd()}\n`).join('')
}

/** RFC 4180 with LF line ends: null is nothing, an empty text is `""`, BLOB is base64. */
export function formatCsv(result: QueryResult): string {
  const lines = [
    result.columns.map(({ name }) => csvCell(name)),
    ...result.rows.map((row) => row.map(csvCell)),
  ]
  return lines.map((cells) => `${cells.join(',')}\n`).join('')
}

/**
 * A JSON array of objects, one a line. Texts are exactly what the table holds. Integers beyond 2^53
 * and numbers that JSON lacks are strings, BLOB is base64.
 */
export function formatJson(result: QueryResult): string {
  const names = result.columns.map(({ name }) => JSON.stringify(name))
  const objects = result.rows.map((row) => {
    const members = row.map((value, index) => `${names[index]}:${JSON.stringify(jsonValue(value))}`)
    return `{${members.join(',')}}`
  })
  return objects.length === 0 ? '[]\n' : `[\n${objects.join(',\n')}\n]\n`
}

function text(value: PlainValue): string {
  if (typeof value === 'string') return value
  if (Buffer.isBuffer(value)) return value.toString('base64')
  return value !== null && typeof value === 'object'
    ? JSON.stringify(jsonValue(value))
    : String(value)
}

function jsonValue(value: PlainValue): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : String(value)
  }
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (Buffer.isBuffer(value)) return value.toString('base64')
  if (Array.isArray(value)) return value.map(jsonValue)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, jsonValue(one)]))
}

function csvCell(value: PlainValue): string {
  if (value === null) return ''
  const plain = text(value)
  return plain === '' || /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}

function cell(plain: string): string {
  const shown = [...plain.slice(0, 4 * maxCellWidth).replace(/[\p{Cc}\p{Cf}]/gu, escaped)]
  return shown.length > maxCellWidth
    ? `${shown.slice(0, maxCellWidth - 1).join('')}…`
    : shown.join('')
}

const escaped = (character: string): string =>
  `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`

const numeric = (value: PlainValue): boolean =>
  value === null || typeof value === 'number' || typeof value === 'bigint'

const width = (shown: string): number => [...shown].length

function pad(shown: string, wide: number, right: boolean): string {
  const space = ' '.repeat(wide - width(shown))
  return right ? space + shown : shown + space
}

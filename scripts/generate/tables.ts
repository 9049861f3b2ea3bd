/** The page of lake tables, and their views as DDL that other engines take. */
import type { JoinedView, Table, View } from '../../src/tables/table.ts'
import { code, heading, notice, table } from './markdown.ts'

export function tablesPage(
  tables: readonly Table[],
  views: readonly View[],
  joined: readonly JoinedView[] = [],
): string {
  const joinedRows = joined.map(({ name, description }) => [code(name), description])
  return [
    heading(1, 'Tables'),
    `${notice('src/tables/')}\n`,
    'Times are UTC. Partition columns are folders, in this order. What is *personal* is masked by policy.\n',
    ...tables.flatMap((definition) => tableSection(definition, views)),
    ...(joined.length === 0 ? [] : [heading(2, 'Further views')]),
    ...(joined.length === 0 ? [] : [table(['View', 'What it holds'], joinedRows)]),
  ].join('\n')
}

function tableSection(definition: Table, views: readonly View[]): string[] {
  const { name, description, row, columns, partitionedBy } = definition
  const rows = columns.map((column) => {
    const text = `${column.description}${column.personal ? ' *Personal.*' : ''}`
    return [code(column.name), column.type, text]
  })
  const partitions = partitionedBy.map(code).join(', ') || 'nothing'
  const own = views.filter((view) => view.table === definition)
  const viewRows = own.map((view) => [code(view.name), code(view.where), view.description])
  return [
    heading(2, code(name)),
    `${description} One row is ${row}. Partitioned by ${partitions}.\n`,
    table(['Column', 'Type', 'What it holds'], rows),
    ...(own.length === 0 ? [] : [table(['View', 'Rows where', 'What it holds'], viewRows)]),
  ]
}

/**
 * One dialect for Athena, Trino, Spark and DuckDB: their quoting differs, so that names must need
 * none.
 */
export function viewsSql(views: readonly View[], joined: readonly JoinedView[] = []): string {
  const statements = views.map(({ name, description, table: { name: from, columns }, where }) => {
    const names = columns.map((column) => plain(column.name))
    return [
      `-- ${description}`,
      `CREATE OR REPLACE VIEW ${plain(name)} AS`,
      `SELECT ${names.join(', ')}`,
      `FROM ${plain(from)}`,
      `WHERE ${where};\n`,
    ].join('\n')
  })
  const over = joined
    .filter(({ isPortable }) => isPortable)
    .map(({ name, description, select }) =>
      [`-- ${description}`, `CREATE OR REPLACE VIEW ${plain(name)} AS`, `${select};\n`].join('\n'),
    )
  const register = '-- Register the tables first, under the names in docs/generated/tables.md.\n'
  return [`-- ${notice('src/tables/')}`, register, ...statements, ...over].join('\n')
}

function plain(name: string): string {
  if (/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/.test(name)) return name
  throw new Error(`${name} would need quotes, which engines write differently`)
}

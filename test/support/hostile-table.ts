/** Partition values that mean something to a file system, a URL, SQL or a folder convention. */
import type { Table } from '../../src/tables/table.ts'

const column = { personal: false, statistics: true, description: '' }

export const hostileTable: Table = {
  name: 'silver.hostile',
  description: '',
  row: '',
  partitionedBy: ['kind', 'day'],
  columns: [
    { ...column, name: 'kind', type: 'VARCHAR' },
    { ...column, name: 'day', type: 'DATE' },
    { ...column, name: 'n', type: 'BIGINT' },
  ],
}

export const hostileValues = [
  ...['plain', '2026', 'true', '01', ' ', 'a b', 'a/b', '../up', '..', '.', 'a=b', 'kind=x', '%'],
  ...['%41', '%2F', 'a+b', "it's", '"', '\\', '*', '?', '[a]', '{a}', '#', ';', ':', 'é', '日本'],
  ...['😀', '\n', 'NULL', 'null', '__HIVE_DEFAULT_PARTITION__', '\ud800', '\u0001', '\0a'],
  'x'.repeat(200),
]

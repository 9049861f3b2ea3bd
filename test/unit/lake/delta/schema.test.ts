import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MetaData } from '../../../../src/lake/delta/actions.ts'
import {
  evolvedProperties,
  evolvedSchema,
  schemaString,
} from '../../../../src/lake/delta/schema.ts'
import { arrivals } from '../../../../src/tables/arrivals.ts'
import type { Table } from '../../../../src/tables/table.ts'

const stored = (table: Table): MetaData => ({
  id: 'x',
  name: table.name,
  description: '',
  format: { provider: 'parquet', options: {} },
  schemaString: schemaString(table),
  partitionColumns: table.partitionedBy,
  configuration: {},
  createdTime: 0,
})
const without = (name: string): Table => ({
  ...arrivals,
  columns: arrivals.columns.filter((column) => column.name !== name),
})

test('every type has its Delta name and every column is nullable', () => {
  const { type, fields } = JSON.parse(schemaString(arrivals))
  const types = new Map(fields.map((one: { name: string; type: string }) => [one.name, one.type]))
  assert.equal(type, 'struct')
  assert.deepEqual(
    ['date', 'event_time', 'body', 'body_bytes', 'position'].map((name) => types.get(name)),
    ['date', 'timestamp', 'string', 'binary', 'long'],
  )
  assert.ok(fields.every((one: { nullable: boolean }) => one.nullable))
})

test('a schema that holds the definition stays', () => {
  assert.equal(evolvedSchema(arrivals, stored(arrivals)), null)
  assert.equal(evolvedSchema(without('detail'), stored(arrivals)), null)
})

test('columns that are missing come last, and what another version added stays', () => {
  const schema = evolvedSchema(without('topic'), stored(without('detail')))
  const names = JSON.parse(schema ?? '').fields.map((one: { name: string }) => one.name)
  assert.ok(names.includes('topic'))
  assert.equal(names.at(-1), 'detail')
})

test('another type or another partitioning is an error that names it', () => {
  const retyped = {
    ...arrivals,
    columns: arrivals.columns.map((column) =>
      column.name === 'position' ? { ...column, type: 'VARCHAR' as const } : column,
    ),
  }
  assert.throws(() => evolvedSchema(retyped, stored(arrivals)), /position is "long", not string/)
  const repartitioned = { ...arrivals, partitionedBy: ['date'] }
  assert.throws(() => evolvedSchema(repartitioned, stored(arrivals)), {
    code: 'INL_LAK_SCHEMA',
    message: /partitioned by outcome, date/,
  })
})

test('columns with statistics are named, and what another version named stays', () => {
  const name = 'delta.dataSkippingStatsColumns'
  const all = 'event_id,event_time,received_at,conversation_id,journal_partition,position'
  assert.deepEqual(evolvedProperties(arrivals, {}), { [name]: all })
  assert.equal(evolvedProperties(arrivals, { [name]: `later,${all}` }), null)
  assert.deepEqual(evolvedProperties(arrivals, { [name]: 'later,position', other: 'x' }), {
    [name]: 'later,position,event_id,event_time,received_at,conversation_id,journal_partition',
    other: 'x',
  })
})

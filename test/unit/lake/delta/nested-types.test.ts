/** Lists and structs of a definition, as Delta writes them and as they come back. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { schemaString } from '../../../../src/lake/delta/schema.ts'
import { column } from '../../../../src/tables/columns.ts'

const table = {
  name: 'trial.nested',
  description: '',
  row: 'a row',
  partitionedBy: [],
  columns: [
    column('codes', 'VARCHAR[]', 'Codes.'),
    column('people', 'STRUCT(id VARCHAR, role VARCHAR, name VARCHAR)[]', 'People.'),
  ],
}

suite('the schema of a table', () => {
  test('has lists and structs whose parts may all be null', () => {
    const [codes, people] = JSON.parse(schemaString(table)).fields
    assert.deepEqual(codes.type, { type: 'array', elementType: 'string', containsNull: true })
    const part = (name: string) => ({ name, type: 'string', nullable: true, metadata: {} })
    const elementType = { type: 'struct', fields: [part('id'), part('role'), part('name')] }
    assert.deepEqual(people.type, { type: 'array', elementType, containsNull: true })
  })
})

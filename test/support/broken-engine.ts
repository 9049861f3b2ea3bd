/** Makes DuckDB itself fail: an assertion inside it does not hold, and it gives the engine up. */
import { INTEGER, UNION, VARCHAR } from '@duckdb/node-api'
import bindings from '@duckdb/node-bindings'
import type { SqlEngine } from '../../src/lake/sql/duckdb.ts'

/** Where this is evaluated for a row, the engine breaks. */
export const breaking = 'inlet_test_break(1 + rowid::INTEGER)::VARCHAR'

/** Defines what it takes, for as long as the engine keeps what it is told. */
export function makeBreakable(engine: SqlEngine): Promise<void> {
  return engine.use(async (connection) => {
    const broken = bindings.create_scalar_function()
    const { logical_type: union } = UNION({ a: INTEGER, b: VARCHAR }).toLogicalType()
    bindings.scalar_function_set_name(broken, 'inlet_test_break')
    bindings.scalar_function_set_return_type(broken, union)
    bindings.scalar_function_add_parameter(broken, INTEGER.toLogicalType().logical_type)
    // The tag of a union says which member it has: of two, it claims the 78th.
    bindings.scalar_function_set_function(broken, (_info, input, output) => {
      const tags = new Uint8Array(bindings.data_chunk_get_size(input)).fill(77)
      const tag = bindings.struct_vector_get_child(output, 0)
      bindings.copy_data_to_vector(tag, 0, tags.buffer, 0, tags.byteLength)
    })
    bindings.register_scalar_function(Reflect.get(connection, 'connection'), broken)
  })
}

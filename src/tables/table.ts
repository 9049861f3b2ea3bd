/** A lake table as data. Delta schema, DuckDB SQL and documentation are made from it. */

export type ColumnType =
  | 'VARCHAR'
  | 'BIGINT'
  | 'INTEGER'
  | 'DOUBLE'
  | 'BOOLEAN'
  | 'DATE'
  | 'TIMESTAMPTZ'
  | 'BLOB'
  | 'VARCHAR[]'
  | 'STRUCT(id VARCHAR, role VARCHAR, name VARCHAR)[]'

export interface Column {
  readonly name: string
  readonly type: ColumnType
  readonly description: string
  /** True where the value can tell who a person is. */
  readonly personal: boolean
  /** True for ids, times and positions: the only columns with file statistics. */
  readonly statistics: boolean
  /**
   * Where the value comes from, by the names of the fields in event bodies: `ani`,
   * `participants[].name`. Rules of privacy are held against these.
   */
  readonly fields?: readonly string[]
}

export interface Table {
  /** `layer.name`, the name of the view in `query`; its files lie under `layer/name`. */
  readonly name: string
  readonly description: string
  /** What one row is. */
  readonly row: string
  readonly columns: readonly Column[]
  /** Names of columns, in the order of the folders. */
  readonly partitionedBy: readonly string[]
}

/** A view with SQL of its own, over one table or several. */
export interface JoinedView {
  readonly name: string
  readonly description: string
  readonly tables: readonly Table[]
  /** SQL over the tables by their names. */
  readonly select: string
  /** Whether other engines than DuckDB take it. */
  readonly isPortable: boolean
}

/** A view over a table: generated for `query` and as DDL for other engines. */
export interface View {
  readonly name: string
  readonly description: string
  readonly table: Table
  /** A SQL condition on the table's own columns. */
  readonly where: string
}

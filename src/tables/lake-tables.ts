/** Every table and view of a lake. */
import { arrivals, arrivalViews } from './arrivals.ts'
import { goldTables } from './gold.ts'
import { silverTables } from './silver.ts'
import type { Table, View } from './table.ts'

export const lakeTables: readonly Table[] = [arrivals, ...silverTables, ...goldTables]

export const lakeViews: readonly View[] = arrivalViews

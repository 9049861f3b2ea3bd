/** Every table and view of a lake. */
import { arrivals, arrivalViews } from './arrivals.ts'
import { goldTables } from './gold.ts'
import { latestDetails } from './latest.ts'
import { namedViews } from './named.ts'
import { nameTables } from './names.ts'
import { silverTables } from './silver.ts'
import type { JoinedView, Table, View } from './table.ts'

export const lakeTables: readonly Table[] = [
  arrivals,
  ...silverTables,
  ...nameTables,
  ...goldTables,
]

export const lakeViews: readonly View[] = arrivalViews

export const joinedViews: readonly JoinedView[] = [latestDetails, ...namedViews]

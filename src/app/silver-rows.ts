/** How the loader of a configuration makes rows of silver: by its rules of privacy and schemas. */
import type { SqlEngine } from '../lake/sql/duckdb.ts'
import type { MaskingRules } from '../loader/body-mask.ts'
import { prepareMasks } from '../loader/silver/engine-masks.ts'
import type { SilverRows } from '../loader/silver/event-slice.ts'
import type { Masks } from '../loader/silver/masks.ts'
import { type ColumnCount, countNulls } from '../loader/silver/null-counts.ts'
import { judgeShapes, type TopicCount, withShapes } from '../loader/silver/shapes.ts'
import { type SilverStatements, silverStatements } from '../loader/silver/statements.ts'
import {
  prepareLargeFields,
  type TakenLarge,
  takeLargeFields,
} from '../loader/silver/take-large.ts'
import type { LargeFieldRules } from '../privacy/large-fields.ts'
import type { Schemas } from '../schemas/registry.ts'
import { silverTables } from '../tables/silver.ts'

export interface SilverRules extends MaskingRules {
  readonly schemas: MaskingRules['schemas'] & {
    /** Those that hold for the next slice. */
    current(): Promise<Schemas>
  }
  /** Those that have a table of their own; none where it is left out. */
  readonly largeFields?: LargeFieldRules | undefined
  /** Told what was seen in a slice. */
  readonly onSlice?: (topics: readonly TopicCount[], columns: readonly ColumnCount[]) => void
}

/** Makes each engine that it meets able to mask, once for as often as that is opened. */
export function silverRows(rules: SilverRules): SilverRows {
  const known = new WeakMap<
    SqlEngine,
    { readonly opened: number; readonly masks: Promise<Masks> }
  >()
  const masksOf = (engine: SqlEngine): Promise<Masks> => {
    const { opened } = engine
    const found = known.get(engine)
    if (found?.opened === opened) return found.masks
    const masks = prepare(engine, rules)
    known.set(engine, { opened, masks })
    masks.catch(() => known.delete(engine))
    return masks
  }
  return {
    tables: silverTables,
    async statements(slice) {
      const schemas = await rules.schemas.current()
      const masks = await masksOf(slice.engine)
      const { largeFields } = rules
      const large = largeFields === undefined ? null : await takeLargeFields(slice, largeFields)
      const { read, ...made } = await silverStatements(slice, masks)
      const statements = withLarge(made, large)
      try {
        const judgement = await judgeShapes(slice, schemas)
        const { onSlice } = rules
        onSlice?.(judgement.topics, await countNulls(slice.engine, read))
        return withShapes(statements, judgement)
      } catch (error) {
        for (const sql of statements.discard) await slice.engine.run(sql)
        throw error
      }
    },
  }
}

async function prepare(engine: SqlEngine, rules: SilverRules): Promise<Masks> {
  if (rules.largeFields !== undefined) await prepareLargeFields(engine, rules, rules.largeFields)
  return prepareMasks(engine, rules)
}

function withLarge(made: SilverStatements, large: TakenLarge | null): SilverStatements {
  if (large === null) return made
  const { statement, discard } = large
  return {
    ...made,
    statements: [...made.statements, statement],
    discard: [...made.discard, discard],
  }
}

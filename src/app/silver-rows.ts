/** How the loader of a configuration makes rows of silver: by its rules of privacy and schemas. */
import type { SqlEngine } from '../lake/sql/duckdb.ts'
import type { MaskingRules } from '../loader/body-mask.ts'
import { prepareMasks } from '../loader/silver/engine-masks.ts'
import type { SilverRows } from '../loader/silver/event-slice.ts'
import type { Masks } from '../loader/silver/masks.ts'
import { type ColumnCount, countNulls } from '../loader/silver/null-counts.ts'
import { judgeShapes, type TopicCount, withShapes } from '../loader/silver/shapes.ts'
import { silverStatements } from '../loader/silver/statements.ts'
import type { Schemas } from '../schemas/registry.ts'
import { silverTables } from '../tables/silver.ts'

export interface SilverRules extends MaskingRules {
  readonly schemas: MaskingRules['schemas'] & {
    /** Those that hold for the next slice. */
    current(): Promise<Schemas>
  }
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
    const masks = prepareMasks(engine, rules)
    known.set(engine, { opened, masks })
    masks.catch(() => known.delete(engine))
    return masks
  }
  return {
    tables: silverTables,
    async statements(slice) {
      const schemas = await rules.schemas.current()
      const statements = await silverStatements(slice, await masksOf(slice.engine))
      try {
        const judgement = await judgeShapes(slice, schemas)
        const { onSlice } = rules
        onSlice?.(judgement.topics, await countNulls(slice.engine, statements.statements))
        return withShapes(statements, judgement)
      } catch (error) {
        for (const sql of statements.discard) await slice.engine.run(sql)
        throw error
      }
    },
  }
}

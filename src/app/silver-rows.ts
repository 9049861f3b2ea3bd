/** How the loader of a configuration makes rows of silver: by its rules of privacy and schemas. */
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

/** For one engine, which it makes able to mask. */
export function silverRows(rules: SilverRules): SilverRows {
  let masks: Promise<Masks> | null = null
  return {
    tables: silverTables,
    async statements(slice) {
      const schemas = await rules.schemas.current()
      masks ??= prepareMasks(slice.engine, rules)
      masks.catch(() => {
        masks = null
      })
      const statements = await silverStatements(slice, await masks)
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

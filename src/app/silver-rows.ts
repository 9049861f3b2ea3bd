/** How the loader of a configuration makes rows of silver: by its rules of privacy. */
import type { MaskingRules } from '../loader/body-mask.ts'
import { prepareMasks } from '../loader/silver/engine-masks.ts'
import type { SilverRows } from '../loader/silver/event-slice.ts'
import type { Masks } from '../loader/silver/masks.ts'
import { silverStatements } from '../loader/silver/statements.ts'
import { silverTables } from '../tables/silver.ts'

/** For one engine, which it makes able to mask. */
export function silverRows(rules: MaskingRules): SilverRows {
  let masks: Promise<Masks> | null = null
  return {
    tables: silverTables,
    async statements(slice) {
      masks ??= prepareMasks(slice.engine, rules)
      masks.catch(() => {
        masks = null
      })
      return silverStatements(slice, await masks)
    },
  }
}

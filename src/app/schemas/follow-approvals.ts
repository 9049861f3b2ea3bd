/**
 * What an approval brings about in a running Inlet, without another command: open dead letters go
 * through the road again, silver is made anew under the schemas in force, and gold behind it
 * (docs/adr/019).
 *
 * Whether there is anything to do is told by the lake alone (`loader/progress/marks`): whatever
 * ends this process, the next one goes on. Readers and the rounds of the loader go on meanwhile.
 *
 * Limits: letters are replayed once for each set of approvals and process, and have fewer attempts
 * than an operator's replay. Rows whose events retention took out of bronze stay as they are.
 */
import { hasCode } from '../../core/errors.ts'
import { isOfOldSilver } from '../../loader/gold/rebuild.ts'
import { approvalsMark, restsOnOthers } from '../../loader/progress/marks.ts'
import type { RebuildReport } from '../../loader/progress/staged-table.ts'
import { silverTables } from '../../tables/silver.ts'
import type { Config } from '../config/schema.ts'
import { replayDeadLetters } from '../dead-letters/replay.ts'
import type { OpenLake } from '../lake-access.ts'
import { type RebuildDeps, rebuild } from '../rebuild.ts'
import type { LiveSchemas } from './live.ts'
import { approvedOf } from './registry.ts'

/** Of those that a letter may have in all: the rest is left to operators. */
const ATTEMPTS = 3

export interface FollowDeps extends RebuildDeps, Pick<OpenLake, 'lake'> {
  readonly schemas: Pick<LiveSchemas, 'current'>
}

export class FollowApprovals {
  readonly #deps: FollowDeps
  readonly #config: Config
  /** The approvals for which letters were replayed. */
  #replayedFor = 0

  constructor(deps: FollowDeps, config: Config) {
    this.#deps = deps
    this.#config = config
  }

  /** Does what there is to do, which may take long; goes on where it was the next time. */
  async look(signal: AbortSignal): Promise<void> {
    const { lake, observer, schemas } = this.#deps
    const approvals = approvalsMark(approvedOf(await schemas.current()))
    const isSilverOld = await restsOnOthers(lake, silverTables, approvals)
    if (!isSilverOld && !(await isOfOldSilver(lake))) return
    const layer = isSilverOld ? 'silver' : 'gold'
    try {
      if (isSilverOld) await this.#replay(approvals, signal)
      observer('rebuild_started', { layer })
      const onProgress = () => undefined
      const { tables } = await rebuild(this.#deps, this.#config, { layer, signal, onProgress })
      const [rows, kept] = [sumOf(tables, 'rows'), sumOf(tables, 'kept')]
      observer('rebuild_done', { layer, rows, kept })
    } catch (error) {
      // Somebody does it already: what that leaves is looked at the next time.
      if (!hasCode(error, 'INL_LDR_REBUILDING') && !hasCode(error, 'INL_APP_PARTITION_BUSY'))
        throw error
    }
  }

  async #replay(approvals: number, signal: AbortSignal): Promise<void> {
    if (this.#replayedFor === approvals) return
    const { replayed, deadLetters } = await replayDeadLetters(this.#deps, this.#config, {
      ...{ filter: {}, attempts: ATTEMPTS, dryRun: false, signal },
      onProgress: () => undefined,
      report: () => undefined,
    })
    this.#replayedFor = approvals
    if (replayed > 0) this.#deps.observer('dead_letters_replayed', { replayed, deadLetters })
  }
}

function sumOf(tables: RebuildReport['tables'], what: 'rows' | 'kept'): number {
  return tables.reduce((sum, table) => sum + table[what], 0)
}

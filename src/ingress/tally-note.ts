/**
 * A tally as it stands in the journal: a note a source, each count since the tally before.
 *
 * `{"acknowledged":n,"stored":n,"duplicate":n,"quarantined":n,
 *   "filtered":n,"filteredFor":{"queue":n},"shed":n,"shedIds":["..."],
 *   "refused":{"401":n},"deferred":n,
 *   "since":ms,"until":ms,"from":position,"to":position}`
 *
 * `acknowledged` is the sum of the three after it, in events. So are `filtered`, with its reasons
 * (./accept.ts), and `shed`, with the ids of the first of them: no position holds these. `refused`
 * is in requests, by status, or by the reason of a deferral (./overload/deferral.ts), or by the
 * limit for which a connection was closed without an answer (./limit-table.ts); `deferred` says how
 * many of them may come again when there is room. The tallies of one moment count every event at
 * the positions from `from` up to and without `to`. What no tally covers was made durable by a
 * process that was killed before it told: those answers may have arrived.
 */
import type { NoteEntry } from '../journal/entry.ts'
import { deferralReasons } from './overload/deferral.ts'
import type { Counts } from './tally.ts'

/** What a tally covers: milliseconds since the epoch, and positions. */
export interface Coverage {
  readonly until: number
  readonly from: number
  readonly to: number
}

export function tallyNote(source: string, counts: Counts, covers: Coverage): NoteEntry {
  const { stored, duplicate, quarantined, filtered, shed, shedIds, refused, since } = counts
  const detail = JSON.stringify({
    acknowledged: stored + duplicate + quarantined,
    stored,
    duplicate,
    quarantined,
    filtered,
    filteredFor: Object.fromEntries(counts.filteredFor),
    shed,
    shedIds,
    refused: Object.fromEntries(refused),
    deferred: deferralReasons.reduce((sum, reason) => sum + (refused.get(reason) ?? 0), 0),
    since,
    ...covers,
  })
  return { kind: 'note', source, receivedAt: covers.until, reason: 'tally', detail }
}

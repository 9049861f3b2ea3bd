/** A keeper of the identity window over a real lake, without a loader: rows are landed as told. */
import { join } from 'node:path'
import { sqliteLocks } from '../../src/core/lock.ts'
import { nodeFiles } from '../../src/core/node-files.ts'
import { systemRandom } from '../../src/core/random.ts'
import { identityKey } from '../../src/dedup/identity-key.ts'
import { packRow, type Remembered, ROW_WORDS } from '../../src/dedup/identity-table.ts'
import type { IdentityWindow } from '../../src/dedup/identity-window.ts'
import { WindowCopy } from '../../src/dedup/window-copy.ts'
import { landedArrivals } from '../../src/loader/bronze.ts'
import { type EventPlace, sourcePolicies } from '../../src/loader/places.ts'
import { WindowKeeper, type WindowKeeperOptions } from '../../src/loader/window-keeper.ts'
import type { Arrival } from '../../src/tables/arrivals.ts'
import type { TestLake } from './lake.ts'

export const DAY = 86_400_000
const options: WindowKeeperOptions = { windowMs: 5 * DAY, windowMaxBytes: 2 ** 26, sources: [] }

export interface KeptWindow {
  readonly window: IdentityWindow
  /** Where the window came from, and what was told of its copy. */
  readonly from: 'copy' | 'lake'
  readonly told: readonly string[]
  /** Lands the rows, events of one source, and tells window and copy of them. */
  land(rows: readonly Arrival[]): Promise<void>
  close(): Promise<void>
}

export const copyFolder = (lake: TestLake): string => join(lake.scratch, 'window')

export async function openKeptWindow(
  lake: TestLake,
  change: Partial<WindowKeeperOptions> & { readonly copied?: boolean } = {},
): Promise<KeptWindow> {
  const { table, clock } = lake
  const { copied = true, ...changed } = change
  const deps = { files: nodeFiles, locks: sqliteLocks, random: systemRandom }
  const place = { folder: copyFolder(lake), minFree: 0, segmentBytes: 1024 }
  const told: string[] = []
  let from: unknown = null
  const keeper = new WindowKeeper(
    {
      landed: landedArrivals(lake),
      copy: copied ? new WindowCopy(deps, place) : null,
      clock,
      observer: (event, fields) => {
        told.push(event)
        from ??= fields?.['from']
      },
    },
    { ...options, ...changed },
  )
  await table.refresh()
  const sources = (changed.sources ?? []).map((one) => ({ ...one, repeatMs: 0 }))
  const policies = sourcePolicies(sources)
  const window = await keeper.open(table, policies)
  return {
    window,
    from: from === 'copy' ? 'copy' : 'lake',
    told,
    async land(rows) {
      await lake.land(rows)
      const identities = new Uint32Array(rows.length * ROW_WORDS)
      for (const [index, row] of rows.entries()) {
        const key = identityKey(policies(row.source ?? '').scope, row.eventId ?? '')
        const partition = window.partitionIndex(row.journalId, row.journalPartition)
        const value = { ...rememberedOf(row), partition }
        packRow(identities, index * ROW_WORDS, { key, value })
      }
      window.setRows(identities)
      const batches = rows.map(({ journalId, journalPartition: partition, position }) => {
        return { journalId, partition, from: 0, to: position + 1, records: [] }
      })
      await keeper.hasLanded(table, window, { version: table.version, identities, batches })
    },
    close: () => keeper.close(),
  }
}

function rememberedOf({ bodySha256, receivedAt, position }: Arrival) {
  const digest = Buffer.from(bodySha256 ?? [])
  const bodyHash = [digest.readUInt32BE(0), digest.readUInt32BE(4)] as const
  return { bodyHash, receivedAt, position }
}

/** What a window says of an event, its place spelled out. */
export function answer(
  window: IdentityWindow,
  { source, eventId }: Arrival,
): (Omit<Remembered, 'partition'> & { readonly place: EventPlace }) | null {
  const found = window.get(identityKey(source ?? '', eventId ?? ''))
  if (found === null) return null
  const { partition, position, ...rest } = found
  return { ...rest, position, place: { ...window.partitionOf(partition), position } }
}

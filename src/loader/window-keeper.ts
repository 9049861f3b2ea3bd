/**
 * The identity window of a loader, filled at its start, and the copy of it that spares a start most
 * of the reading (ADR 020).
 *
 * Guarantee: whether it comes from the copy or from bronze, the window knows the same events of the
 * time that it covers. The lake is the truth: a copy counts only where
 * - the commit that it stands for is in the log of the table, the same commit
 * - since then the table has only grown, by what loaders landed: nothing that the window would know
 *   was erased, deleted or put there by others
 * - no more came since than is read quickly
 * What came since is read from bronze by its positions. Where anything is amiss with the copy it is
 * let go and begun anew; the loader goes on without it.
 */
import type { Clock } from '../core/clock.ts'
import { errorText } from '../core/errors.ts'
import type { CopyPoint } from '../dedup/copy-format.ts'
import { IdentityWindow } from '../dedup/identity-window.ts'
import type { WindowCopy } from '../dedup/window-copy.ts'
import type { LogLine, PartitionValues } from '../lake/delta/actions.ts'
import type { DeltaTable, Snapshot } from '../lake/delta/delta-table.ts'
import type { Observer } from '../observe/events.ts'
import { dayOf, isEventFile } from './bronze-files.ts'
import type { LandedArrivals } from './evidence.ts'
import { appId, appPlace, type PartitionBatch, type SourcePolicies } from './places.ts'
import { positionsIn, rangesBetween, standingOf } from './progress/standing.ts'

/** What a copy that is behind may have to read. */
const MOST_COMMITS = 256
const MOST_POSITIONS = 2 ** 20
const FORMAT = 1

export interface WindowKeeperDeps {
  readonly landed: LandedArrivals
  /** Null for a loader that keeps none. */
  readonly copy: WindowCopy | null
  readonly clock: Clock
  readonly observer: Observer
}

export interface WindowKeeperOptions {
  readonly windowMs: number
  readonly windowMaxBytes: number
  readonly sources: readonly { readonly name: string; readonly scope: string }[]
}

export class WindowKeeper {
  readonly #deps: WindowKeeperDeps
  readonly #options: WindowKeeperOptions
  /** Null once it failed, until the window is opened again. */
  #copy: WindowCopy | null = null

  constructor(deps: WindowKeeperDeps, options: WindowKeeperOptions) {
    this.#deps = deps
    this.#options = options
  }

  /** The window of a table as that is known. Rejects only where the lake cannot be read. */
  async open(table: DeltaTable, policies: SourcePolicies): Promise<IdentityWindow> {
    this.#copy = this.#deps.copy
    const known = table.snapshot()
    const since = this.#deps.clock.now() - this.#options.windowMs
    const found = await this.#fromCopy(table, { known, since, policies })
    const window = found ?? (await this.#fromLake(table, { known, since, policies }))
    window.advance(this.#deps.clock.now())
    const { size: keys } = window
    this.#deps.observer('loader_window_filled', { keys, from: found === null ? 'lake' : 'copy' })
    return window
  }

  /** For the copy: the window has been told of `identities`, which landed in a version. */
  async hasLanded(
    table: DeltaTable,
    window: IdentityWindow,
    landed: {
      readonly version: number
      readonly identities: Uint32Array
      readonly batches: readonly PartitionBatch[]
    },
  ): Promise<void> {
    const { version, identities, batches } = landed
    const record = table.state.commits.findLast((one) => one.version === version)
    await this.#keep(async (copy) => {
      if (!record?.id) throw new Error(`version ${version} does not say which commit made it`)
      const txns = Object.fromEntries(batches.map((batch) => [appId(batch), batch.to]))
      await copy.append(identities, { version, commit: record.id, txns }, window)
    })
  }

  async close(): Promise<void> {
    await this.#deps.copy?.close()
  }

  /** Null where there is no copy that counts. */
  async #fromCopy(table: DeltaTable, start: Start): Promise<IdentityWindow | null> {
    const { known, since, policies } = start
    const point = await this.#keep((copy) => copy.open(this.#nameOf(table)))
    if (point === null) return null
    const ranges = rangesBetween(new Map(Object.entries(point.txns)), standingOf(known.txns))
    if (positionsIn(ranges) > MOST_POSITIONS) return null
    const commit = await whatFollows(table, point, start)
    if (commit === null) return null
    const window = this.#emptyWindow()
    if ((await this.#keep((copy) => copy.fill(window))) !== true) return null
    if (point.version === known.version) return window
    const more: Uint32Array[] = []
    const onRows = async (rows: Uint32Array) => void more.push(rows.slice())
    if (ranges.length > 0)
      await this.#deps.landed.fillWindow(table, { window, policies, since, ranges, onRows })
    await this.#keep(async (copy) => copy.append(joined(more), pointOf(known, commit), window))
    return window
  }

  async #fromLake(table: DeltaTable, start: Start): Promise<IdentityWindow> {
    const { known, since, policies } = start
    const window = this.#emptyWindow()
    const earliest = dayOf(since)
    if (known.files.some((file) => isEventFile(file) && !(dateOf(file) >= earliest)))
      window.startAt(since)
    const commit = await commitOf(table, known.version)
    if (commit === null) this.#copy = null
    await this.#keep((copy) => copy.begin(this.#nameOf(table)))
    const onRows = async (rows: Uint32Array) => {
      await this.#keep(async (copy) => copy.write(rows))
    }
    await this.#deps.landed.fillWindow(table, { window, policies, since, onRows })
    await this.#keep(async (copy) => {
      if (table.state.rowsVersion > known.version) return copy.drop()
      return copy.finish(pointOf(known, commit ?? ''), window)
    })
    return window
  }

  #emptyWindow(): IdentityWindow {
    const { windowMs: span, windowMaxBytes: maxBytes } = this.#options
    return new IdentityWindow({ span, maxBytes })
  }

  /** Under other scopes the same ids have other keys. */
  #nameOf(table: DeltaTable): string {
    const { windowMs, windowMaxBytes, sources } = this.#options
    const scopes = sources.filter(({ name, scope }) => name !== scope)
    const pairs = scopes.map(({ name, scope }) => [name, scope]).sort()
    const id = table.state.metaData?.id
    return JSON.stringify({ format: FORMAT, id, windowMs, windowMaxBytes, scopes: pairs })
  }

  /** Null where there is no copy, or none any more. */
  async #keep<T>(task: (copy: WindowCopy) => Promise<T>): Promise<T | null> {
    const copy = this.#copy
    if (copy === null) return null
    try {
      return await task(copy)
    } catch (error) {
      // Writes may have been waiting together: told is the first that failed.
      if (this.#copy === null) return null
      this.#copy = null
      this.#deps.observer('loader_window_copy_failed', { reason: errorText(error) })
      await copy.drop().catch(() => undefined)
      return null
    }
  }
}

interface Start {
  readonly known: Snapshot
  readonly since: number
  readonly policies: SourcePolicies
}

/**
 * The id of the commit that the table stands at, where what a copy stands for is its past and it
 * has only grown since; else null.
 */
async function whatFollows(
  table: DeltaTable,
  point: CopyPoint,
  { known, since }: Start,
): Promise<string | null> {
  const behind = known.version - point.version
  if (behind < 0 || behind > MOST_COMMITS) return null
  if (Object.entries(point.txns).some(([app, to]) => (known.txns.get(app) ?? -1) < to)) return null
  const commits = await table.commits(point.version, known.version)
  if (commits === null || idOf(commits[0]) !== point.commit) return null
  const isGrown = commits.slice(1).every((lines) => onlyGrows(lines, dayOf(since)))
  return isGrown ? idOf(commits.at(-1)) : null
}

async function commitOf(table: DeltaTable, version: number): Promise<string | null> {
  return idOf((await table.commits(version, version))?.[0])
}

function idOf(lines: readonly LogLine[] = []): string | null {
  return lines.find(({ commitInfo }) => commitInfo)?.commitInfo?.txnId ?? null
}

/** Rows of events come by landing only, and none of `earliest` or later go. */
function onlyGrows(lines: readonly LogLine[], earliest: string): boolean {
  const isLanding = lines.some(({ txn }) => txn && appPlace(txn.appId) !== null)
  return lines.every(({ add, remove }) => {
    if (add?.dataChange && isEventFile(add) && !isLanding) return false
    if (!remove || remove.dataChange === false) return true
    const { partitionValues } = remove
    if (partitionValues === undefined) return false
    return !isEventFile({ partitionValues }) || dateOf({ partitionValues }) < earliest
  })
}

/** Behind all days where a file does not say: nothing is known of it. */
function dateOf({ partitionValues }: { readonly partitionValues: PartitionValues }): string {
  return partitionValues['date'] ?? '~'
}

function pointOf({ version, txns }: Snapshot, commit: string): CopyPoint {
  return { version, commit, txns: Object.fromEntries(standingOf(txns)) }
}

function joined(parts: readonly Uint32Array[]): Uint32Array {
  const rows = new Uint32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    rows.set(part, at)
    at += part.length
  }
  return rows
}

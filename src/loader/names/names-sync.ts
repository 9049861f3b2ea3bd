/**
 * Brings the tables of names to what Genesys Cloud lists, one after another.
 *
 * Guarantee: a table changes in one commit, and only by a listing that was told to its end. A
 * listing that fails, that may not be asked for, or that is empty where there were many, leaves its
 * table as it is, and the others are brought forward all the same. What a crash leaves is vacuumed.
 *
 * Names of people become what the rules of privacy say before they are compared, and whoever was
 * erased is left out as if not listed.
 */
import type { Clock } from '../../core/clock.ts'
import { errorText, InletError } from '../../core/errors.ts'
import { textAt } from '../../event/fields.ts'
import { organisationOf } from '../../genesys/access.ts'
import type { GenesysClient } from '../../genesys/client.ts'
import { listNames, type Named, type NameKind, nameKinds } from '../../genesys/names.ts'
import type { DeltaTable } from '../../lake/delta/delta-table.ts'
import type { Lake } from '../../lake/lake.ts'
import type { Observer } from '../../observe/events.ts'
import type { Policy } from '../../privacy/policy.ts'
import { arrivals } from '../../tables/arrivals.ts'
import { nameTables } from '../../tables/names.ts'
import type { Table } from '../../tables/table.ts'
import type { Erasure } from '../erase/tombstones.ts'
import { markOf } from '../progress/marks.ts'
import {
  compareNames,
  type Listed,
  type Listing,
  openCount,
  type Said,
  toldByOtherRules,
} from './compare.ts'
import type { NamesMeter } from './names-meter.ts'
import { type NamesTableDeps, readNames, replaceNames, saidColumns } from './names-table.ts'

export interface NamesSyncDeps extends NamesTableDeps {
  readonly lake: Lake
  readonly clock: Clock
  readonly observer: Observer
  readonly policy: Pick<Policy, 'version' | 'maskText'>
  /** Null where nobody can have been erased. */
  readonly erasure: Pick<Erasure, 'load' | 'names'> | null
  readonly meter: NamesMeter
}

/** An organisation that is asked. */
export interface NamedOrg {
  readonly orgId: string
  readonly client: GenesysClient
}

export interface NamesSyncOptions {
  readonly orgs: readonly NamedOrg[]
  readonly scratch: string
}

interface Brought extends Listing {
  readonly org: string
  /** Ids of whom nothing may be told. */
  readonly erased: ReadonlySet<string>
}

/** An empty listing in place of so many is believed to be a mistake. */
const MANY = 5
const MOST_TRIES = 5

export class NamesSync {
  readonly #deps: NamesSyncDeps
  readonly #options: NamesSyncOptions

  constructor(deps: NamesSyncDeps, options: NamesSyncOptions) {
    this.#deps = deps
    this.#options = options
  }

  /** All that can be; what cannot be told is observed, with the error that says why. */
  async run(signal: AbortSignal): Promise<void> {
    for (const org of this.#options.orgs) {
      const { org: name } = org.client
      try {
        await this.#checkOrg(org)
      } catch (error) {
        signal.throwIfAborted()
        this.#failed({ name, kind: null }, error)
        continue
      }
      for (const kind of nameKinds) {
        signal.throwIfAborted()
        try {
          await this.#sync(org, kind, signal)
        } catch (error) {
          signal.throwIfAborted()
          this.#failed({ name, kind }, error)
        }
      }
    }
  }

  /** Names of another organisation would stand beside the ids of this one. */
  async #checkOrg({ orgId, client }: NamedOrg): Promise<void> {
    const found = await organisationOf(client)
    if (found === orgId) return
    throw new InletError('INL_GEN_ORG', { org: client.org, found, expected: orgId })
  }

  #failed({ name: org, kind }: { name: string; kind: NameKind | null }, error: unknown): void {
    const table = kind === null ? null : tableOf(kind).name
    this.#deps.meter.failed(org)
    this.#deps.observer('names_not_synced', { org, table, reason: errorText(error) })
  }

  async #sync({ orgId, client }: NamedOrg, kind: NameKind, signal: AbortSignal): Promise<void> {
    const at = this.#deps.clock.now()
    const named: Named[] = []
    for await (const one of listNames(client, kind, { urgency: 'low', signal })) named.push(one)
    const definition = tableOf(kind)
    const { listed, erased } = await this.#listed(definition, named)
    const table = await this.#deps.lake.table(definition)
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      await table.refresh()
      if (await this.#bring(table, { orgId, listed, at, erased, org: client.org })) return
    }
    throw new InletError('INL_LAK_CONTENTION', { table: table.key, attempts: MOST_TRIES })
  }

  /** What the rules let be told of them, and the ids of those of whom nothing may be. */
  async #listed(definition: Table, named: readonly Named[]) {
    const { erasure, lake } = this.#deps
    const isPersonal = definition.columns.some(({ personal }) => personal)
    const bronze = isPersonal && erasure !== null ? await lake.find(arrivals) : null
    // An erasure that this loader has not passed yet stands in the lake.
    if (bronze !== null) await erasure?.load(bronze)
    const columns = saidColumns(definition)
    const listed: Listed[] = []
    const erased = new Set<string>()
    for (const one of named) {
      const said = saidOf(one, columns)
      const texts = [one.id, ...Object.values(said)].filter((text) => text !== null)
      if (isPersonal && texts.some((text) => erasure?.names(text))) erased.add(one.id)
      else listed.push({ id: one.id, said: this.#masked(definition, said) })
    }
    return { listed, erased }
  }

  #masked({ columns }: Table, said: Said): Said {
    const { policy } = this.#deps
    const kept = columns.flatMap(({ name, personal, fields = [] }) => {
      const text = said[name] ?? null
      const [field] = fields
      if (!personal || field === undefined || text === null) return []
      return [[name, policy.maskText(field, text)] as const]
    })
    return { ...said, ...Object.fromEntries(kept) }
  }

  /** False where another writer was quicker. */
  async #bring(table: DeltaTable, { org, erased, ...listing }: Brought): Promise<boolean> {
    const { meter, observer, policy } = this.#deps
    const { definition, version } = table
    const { orgId, listed } = listing
    const all = await readNames(this.#deps, table)
    const rows = all.filter(({ id }) => !erased.has(id))
    const before = openCount(rows, orgId)
    if (listed.length === 0 && before >= MANY)
      throw new InletError('INL_LDR_NAMES_EMPTY', { org, table: definition.name, before })
    const isPersonal = definition.columns.some(({ personal }) => personal)
    const appId = `inlet/names-rules/${orgId}`
    const [from, to] = [table.txn(appId), isPersonal ? markOf(policy.version) : null]
    const isOther = to !== null && from !== to
    const mask = (said: Said) => this.#masked(definition, said)
    const held = isOther ? toldByOtherRules(rows, listing, mask) : rows
    const { rows: after, added, changed, deleted } = compareNames(held, listing)
    meter.synced({ org, kind: definition.name, names: listed.length, at: listing.at })
    if (added + changed + deleted + all.length - rows.length === 0 && !isOther) return true
    const txns = isOther ? [{ appId, from, to }] : []
    const { scratch: folder } = this.#options
    const job = { rows: after, asOf: version, txns, folder }
    if (!(await replaceNames(this.#deps, table, job))) return false
    observer('names_synced', { org, table: definition.name, added, changed, deleted })
    return true
  }
}

function tableOf(kind: NameKind): Table {
  const table = nameTables.find(({ name }) => name === `silver.${kind}`)
  if (table === undefined) throw new RangeError(`there is no table for ${kind}`)
  return table
}

function saidOf({ view, name, divisionId }: Named, columns: readonly string[]): Said {
  const special: Readonly<Record<string, string | null>> = {
    name,
    division_id: divisionId,
    system_presence: textAt(view, 'systemPresence'),
  }
  return Object.fromEntries(
    columns.map((column) => [
      column,
      Object.hasOwn(special, column) ? (special[column] ?? null) : textAt(view, column),
    ]),
  )
}

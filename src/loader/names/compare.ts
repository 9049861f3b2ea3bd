/**
 * What a listing makes of the rows of a table of names. Pure.
 *
 * Guarantee: of each id at most one row is open, and that one says what the latest listing said.
 * Rows are closed and opened, never changed: what was called so when stays told. The same listing
 * twice changes nothing. Rows of other organisations stay as they are.
 */

/** What is said of a thing, by the columns of its table. */
export type Said = Readonly<Record<string, string | null>>

export interface Listed {
  readonly id: string
  readonly said: Said
}

export interface NameRow extends Listed {
  readonly orgId: string
  /** Ms since the epoch. */
  readonly from: number
  /** Null while it is so. */
  readonly to: number | null
}

export interface Listing {
  readonly orgId: string
  readonly listed: readonly Listed[]
  /** When it was asked for. */
  readonly at: number
}

export interface Compared {
  /** All of the table. */
  readonly rows: readonly NameRow[]
  /** Things that were not there before: new, or restored. */
  readonly added: number
  /** Things that something else is said of. */
  readonly changed: number
  readonly deleted: number
}

export function compareNames(rows: readonly NameRow[], { orgId, listed, at }: Listing): Compared {
  const left = new Map(listed.map((one) => [one.id, one]))
  let [changed, deleted] = [0, 0]
  const after = rows.flatMap((row): NameRow[] => {
    if (row.orgId !== orgId || row.to !== null) return [row]
    const found = left.get(row.id)
    left.delete(row.id)
    if (found !== undefined && isSame(found.said, row.said)) return [row]
    // A clock may have been put back; an interval does not end before it began.
    const to = Math.max(at, row.from)
    const closed = { ...row, to }
    if (found === undefined) deleted++
    else changed++
    return found === undefined ? [closed] : [closed, { ...found, orgId, from: to, to: null }]
  })
  const added = [...left.values()].map((one) => ({ ...one, orgId, from: at, to: null }))
  return { rows: [...after, ...added], added: added.length, changed, deleted }
}

/**
 * The rows as they come to stand once other rules say what may be told: masked where they are
 * closed, as listed where they are open. That is no change of what was masked.
 */
export function toldByOtherRules(
  rows: readonly NameRow[],
  { orgId, listed }: Listing,
  mask: (said: Said) => Said,
): NameRow[] {
  const byId = new Map(listed.map((one) => [one.id, one.said]))
  return rows.map((row) => {
    if (row.orgId !== orgId) return row
    const open = row.to === null ? byId.get(row.id) : undefined
    return { ...row, said: open ?? mask(row.said) }
  })
}

/** The names of an organisation that hold. */
export function openCount(rows: readonly NameRow[], orgId: string): number {
  return rows.filter((row) => row.orgId === orgId && row.to === null).length
}

export function isSame(one: Said, other: Said): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...names].every((name) => (one[name] ?? null) === (other[name] ?? null))
}

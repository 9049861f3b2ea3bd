/**
 * What has to be done so that Genesys Cloud delivers as it is configured. Pure.
 *
 * A subscription is found by its name, so that an apply that was killed finds what it made. What it
 * has beside what is wanted is left to whoever set it, but for filters, which would keep events
 * away; the order of lists counts for nothing.
 */
import { isArray, isObject, type JsonObject, type JsonValue } from '../../event/json.ts'

export const provisionKinds = [
  'analytics-notification',
  'event-subscription',
  'eventbridge',
] as const
export type ProvisionKind = (typeof provisionKinds)[number]

export interface Wanted {
  readonly source: string
  readonly kind: ProvisionKind
  readonly name: string
  /** As the platform has them, without what says whether it is active. */
  readonly fields: JsonObject
}

export interface Found {
  readonly id: string
  readonly name: string
  readonly isActive: boolean
  readonly fields: JsonObject
}

export interface Change {
  readonly path: string
  /** Null: not there. */
  readonly from: JsonValue
  readonly to: JsonValue
}

export type Action = 'none' | 'create' | 'update' | 'reactivate' | 'ambiguous'

export interface Step {
  readonly source: string
  readonly kind: ProvisionKind
  readonly name: string
  readonly action: Action
  /** Null where there is none, or more than one. */
  readonly id: string | null
  /** True where there is one that delivers nothing. */
  readonly inactive: boolean
  readonly changes: readonly Change[]
}

export function planOf(wanted: Wanted, found: readonly Found[]): Step {
  const { source, kind, name, fields } = wanted
  const named = found.filter((one) => one.name === name)
  const step = { source, kind, name, id: null, inactive: false, changes: [] }
  if (named.length > 1) return { ...step, action: 'ambiguous' }
  const [one] = named
  if (one === undefined) return { ...step, action: 'create', changes: differences({}, fields) }
  const changes = differences(one.fields, fields)
  const inactive = !one.isActive
  const action = changes.length > 0 ? 'update' : inactive ? 'reactivate' : 'none'
  return { ...step, id: one.id, inactive, changes, action }
}

/** Of what is wanted, what is not there so. What a header holds is a secret. */
function differences(there: JsonObject, wanted: JsonObject, path = ''): Change[] {
  const names = path === 'filters' ? Object.keys({ ...there, ...wanted }) : Object.keys(wanted)
  return names.flatMap((name): Change[] => {
    const to = wanted[name] ?? null
    const at = path === '' ? name : `${path}.${name}`
    const from = there[name] ?? null
    if (isObject(to)) return differences(isObject(from) ? from : {}, to, at)
    if (isSame(from, to)) return []
    const isSecret = at.startsWith('headers.')
    return [isSecret ? { path: at, from: from && HIDDEN, to: HIDDEN } : { path: at, from, to }]
  })
}

const HIDDEN = '***'

function isSame(one: JsonValue, other: JsonValue): boolean {
  if (!isArray(one) || !isArray(other)) return one === other
  const texts = (list: readonly JsonValue[]) => list.map((value) => JSON.stringify(value)).sort()
  return JSON.stringify(texts(one)) === JSON.stringify(texts(other))
}

/**
 * `POST /simulator/control`: has the simulated Genesys Cloud go wrong in a way, until told
 * otherwise. The body names what, all members optional:
 * `{"perMinute":300,"tokenSeconds":86400,"missingPermissions":["routing:queue:view"],
 * "jobLagMs":0,"jobTakesMs":0,"expireTokens":true,"deactivate":"all","closeSockets":false,
 * "failing":{"status":503,"times":3,"retryAfter":1}}`. Sockets are closed after a word (`true`) or
 * without one.
 */
import { isArray, isObject, type JsonValue } from '../../event/json.ts'
import { badRequest, done, type Reply } from './exchange.ts'
import type { Faults } from './gate.ts'

export interface Controlled {
  readonly faults: Faults
  readonly expireTokens: () => void
  /** Of that id, or `all`. */
  readonly deactivate: (id: string) => void
  readonly closeSockets: (isAnnounced: boolean) => void
}

type Knob = (value: JsonValue) => boolean

/** False where the value is not one that it takes. */
export function controlOf({ faults, expireTokens, deactivate, closeSockets }: Controlled) {
  const knobs: Readonly<Record<string, Knob>> = {
    perMinute: (value) => whole(value, (count) => Object.assign(faults, { perMinute: count })),
    tokenSeconds: (value) => whole(value, (life) => Object.assign(faults, { tokenSeconds: life })),
    jobLagMs: (value) => whole(value, (ms) => Object.assign(faults, { jobLagMs: ms })),
    jobTakesMs: (value) => whole(value, (ms) => Object.assign(faults, { jobTakesMs: ms })),
    deactivate(value) {
      if (typeof value === 'string') deactivate(value)
      return typeof value === 'string'
    },
    closeSockets(value) {
      if (typeof value === 'boolean') closeSockets(value)
      return typeof value === 'boolean'
    },
    missingPermissions(value) {
      if (!isArray(value)) return false
      faults.missingPermissions = value.map(String)
      return true
    },
    expireTokens(value) {
      if (value === true) expireTokens()
      return value === true
    },
    failing(value) {
      if (!isObject(value)) return false
      const { status, times, retryAfter } = value
      if (typeof status !== 'number' || typeof times !== 'number') return false
      faults.failing = { status, times, ...(typeof retryAfter === 'number' && { retryAfter }) }
      return true
    },
  }
  return (body: JsonValue | undefined): Reply => {
    const wanted = isObject(body) ? Object.entries(body) : []
    for (const [name, value] of wanted) {
      const knob = Object.hasOwn(knobs, name) ? knobs[name] : undefined
      if (knob === undefined || !knob(value))
        return badRequest(`${name} is none of ${Object.keys(knobs).join(', ')}, or not so.`)
    }
    return done({ ...faults, failing: { ...faults.failing } })
  }
}

function whole(value: JsonValue, take: (count: number) => unknown): boolean {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) return false
  take(value)
  return true
}

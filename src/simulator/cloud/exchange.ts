/**
 * Calls of the simulated Genesys Cloud, as data: what is asked, what is answered, and the routes
 * from one to the other.
 *
 * The body of a refusal is `ErrorBody` of the official SDKs.
 */
import { isObject, type JsonObject, type JsonValue } from '../../event/json.ts'

export interface Asked {
  /** What stands in the places of `{name}` in the path of the route. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** Undefined where there is none, or no JSON. */
  readonly body: JsonValue | undefined
  readonly clientId: string
}

export interface Reply {
  readonly status: number
  /** Left out: no body. */
  readonly body?: JsonValue
  readonly headers?: Readonly<Record<string, string>>
}

export interface Route {
  readonly method: string
  /** Such as `/api/v2/users/{id}`. */
  readonly path: string
  /** Any one of them is enough; left out: none is needed. */
  readonly permissions?: readonly string[]
  readonly handle: (asked: Asked) => Reply
}

export function done(body?: JsonValue, status = 200): Reply {
  return body === undefined ? { status: 204 } : { status, body }
}

export function refusal(status: number, code: string, message: string): Reply {
  const body = { message, code, status, contextId: '', details: [], errors: [] }
  return { status, body }
}

export function badRequest(message: string): Reply {
  return refusal(400, 'bad.request', message)
}

export function notFound(what: string): Reply {
  return refusal(404, 'not.found', `The requested resource was not found: ${what}`)
}

export function objectIn({ body }: Asked): JsonObject {
  return isObject(body) ? body : {}
}

/** A page of a list, as `pageNumber` and `pageSize` ask for it. */
export function pageOf(asked: Asked, path: string, all: readonly JsonValue[]): Reply {
  const pageSize = numberIn(asked.query, 'pageSize') ?? 25
  const pageNumber = numberIn(asked.query, 'pageNumber') ?? 1
  if (pageSize < 1 || pageSize > 500 || pageNumber < 1)
    return badRequest('pageSize must be from 1 to 500 and pageNumber at least 1.')
  const pageCount = Math.ceil(all.length / pageSize)
  const uri = (number: number) => `${path}?pageSize=${pageSize}&pageNumber=${number}`
  return done({
    entities: all.slice((pageNumber - 1) * pageSize, pageNumber * pageSize),
    pageSize,
    pageNumber,
    total: all.length,
    pageCount,
    firstUri: uri(1),
    selfUri: uri(pageNumber),
    ...(pageNumber < pageCount && { nextUri: uri(pageNumber + 1) }),
  })
}

/** Null where it is left out; 0 where it is no whole number. */
export function numberIn(query: URLSearchParams, name: string): number | null {
  const text = query.get(name)
  if (text === null) return null
  return /^\d{1,9}$/.test(text) ? Number(text) : 0
}

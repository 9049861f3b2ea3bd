/**
 * Conversation details of the simulated Analytics: the query, with the limits of the platform.
 *
 * Source of limits and messages: errors of the live API, as quoted by splunk/genesys_cloud_ta
 * (100,000 results, 31 days); pages of 100; conversations that began on a day which the interval
 * touches (documentation of the official SDK).
 */
import type { Clock } from '../../core/clock.ts'
import { isObject, type JsonObject } from '../../event/json.ts'
import {
  type Asked,
  badRequest,
  done,
  notFound,
  objectIn,
  type Reply,
  type Route,
} from './exchange.ts'
import { filterOf } from './filters.ts'
import type { Happened, Happening } from './happened.ts'

export interface DetailsDeps {
  readonly clock: Clock
  readonly happened: Happened
}

const base = '/api/v2/analytics/conversations'
const permissions = ['analytics:conversationDetail:view', 'analytics:agentConversationDetail:view']
const DAY_MS = 86_400_000
const MOST_RESULTS = 100_000
const MOST_PAGE = 100

export function detailsRoutes(deps: DetailsDeps): Route[] {
  return [
    {
      method: 'POST',
      path: `${base}/details/query`,
      permissions,
      handle: (asked) => query(deps, objectIn(asked)),
    },
    {
      method: 'GET',
      path: `${base}/details`,
      permissions,
      handle: (asked) => byIds(deps, asked),
    },
    {
      method: 'GET',
      path: `${base}/{id}/details`,
      permissions,
      handle({ params: { id = '' } }) {
        const found = deps.happened.one(id, deps.clock.now())
        return found === null ? notFound(id) : done(found.record)
      },
    },
  ]
}

function query({ clock, happened }: DetailsDeps, body: JsonObject): Reply {
  const interval = readInterval(body['interval'], 31)
  if ('status' in interval) return interval
  const paging = isObject(body['paging']) ? body['paging'] : {}
  const { pageSize = 25, pageNumber = 1 } = paging
  if (!isWhole(pageSize) || !isWhole(pageNumber) || pageSize > MOST_PAGE)
    return badRequest(`The page size must be from 1 to ${MOST_PAGE}, the page number at least 1.`)
  if (pageSize * pageNumber > MOST_RESULTS)
    return badRequest(
      `Pagination may not exceed ${MOST_RESULTS} results. Tip: try querying in smaller intervals (1am-2am, 2am-3am ...)`,
    )
  const filter = filterOf(body)
  if (typeof filter === 'string') return badRequest(filter)
  const all = conversationsIn(happened, interval, clock.now())
  const found = all.filter(({ record }) => filter(record))
  const ordered = inOrder(found, body)
  if (ordered === null) return badRequest('order or orderBy is not one of its values.')
  const from = (pageNumber - 1) * pageSize
  const page = ordered.slice(from, from + pageSize).map(({ record }) => record)
  return done({ ...(page.length > 0 && { conversations: page }), totalHits: found.length })
}

function byIds({ clock, happened }: DetailsDeps, { query }: Asked): Reply {
  const ids = query.getAll('id').flatMap((text) => text.split(','))
  if (ids.length > 50) return badRequest('No more than 50 ids may be asked for.')
  const found = ids.flatMap((id) => happened.one(id, clock.now())?.record ?? [])
  return done({ conversations: found })
}

export interface Interval {
  readonly from: number
  readonly to: number
}

export function readInterval(value: unknown, mostDays: number): Interval | Reply {
  const [from, to, more] = String(value)
    .split('/')
    .map((text) => Date.parse(text))
  if (from === undefined || to === undefined || more !== undefined || !(from < to))
    return badRequest('You must specify a search interval as part of your query.')
  if (to - from > mostDays * DAY_MS)
    return badRequest(
      `You must specify a search interval as part of your query that does not exceed ${mostDays} days.`,
    )
  return { from, to }
}

/** A conversation that began on a day before the interval's first is not found. */
export function conversationsIn(happened: Happened, { from, to }: Interval, now: number) {
  const firstDay = from - (from % DAY_MS)
  return [...happened.within(from, to, now)].filter(({ start }) => start >= firstDay)
}

const times: Readonly<Record<string, (one: Happening) => number>> = {
  conversationStart: ({ start }) => start,
  segmentStart: ({ start }) => start,
  conversationEnd: ({ end }) => end ?? Number.MAX_SAFE_INTEGER,
  segmentEnd: ({ end }) => end ?? Number.MAX_SAFE_INTEGER,
}

function inOrder(found: readonly Happening[], body: JsonObject): readonly Happening[] | null {
  const { order = 'asc', orderBy = 'conversationStart' } = body
  const timeOf = Object.hasOwn(times, String(orderBy)) ? times[String(orderBy)] : undefined
  if (order === 'unordered') return found
  if (timeOf === undefined || (order !== 'asc' && order !== 'desc')) return null
  const sign = order === 'asc' ? 1 : -1
  return found.toSorted((one, other) => sign * (timeOf(one) - timeOf(other)))
}

function isWhole(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1
}

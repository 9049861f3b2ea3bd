/**
 * Conversation details in the background: jobs of the simulated Analytics, over its data lake,
 * which lags behind.
 *
 * A job is QUEUED, then PENDING, then FULFILLED once it took its time, and EXPIRED a day later. Its
 * results are conversations as they stood at `dataAvailabilityDate`, in pages by cursor, with the
 * attributes of participants, which the query leaves out.
 * Source: documentation of the official SDK. An interval of more than 7 days is refused with the
 * platform's message, as splunk/genesys_cloud_ta met it.
 */
import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import type { JsonValue } from '../../event/json.ts'
import { isoTime } from '../render/rendered.ts'
import { conversationsIn, type Interval, readInterval } from './details.ts'
import {
  type Asked,
  badRequest,
  done,
  notFound,
  numberIn,
  objectIn,
  type Reply,
  type Route,
} from './exchange.ts'
import { type Filter, filterOf } from './filters.ts'
import type { Faults } from './gate.ts'
import type { Happened } from './happened.ts'

export interface JobsDeps {
  readonly clock: Clock
  readonly random: Random
  readonly happened: Happened
  readonly faults: Pick<Faults, 'jobLagMs' | 'jobTakesMs'>
}

interface Job {
  readonly interval: Interval
  readonly filter: Filter
  readonly byStartOfDay: boolean
  readonly submittedAt: number
  readonly fulfilledAt: number
  isCancelled: boolean
  results: readonly JsonValue[] | null
}

const path = '/api/v2/analytics/conversations/details/jobs'
const permissions = ['analytics:conversationDetail:view']
const DAY_MS = 86_400_000
const MOST_JOBS = 100
const MOST_PAGE = 10_000

export function jobRoutes(deps: JobsDeps): Route[] {
  const jobs = new Map<string, Job>()
  const found = ({ params: { id = '' } }: Asked, then: (job: Job) => Reply): Reply => {
    const job = jobs.get(id)
    return job === undefined ? notFound(id) : then(job)
  }
  return [
    { method: 'POST', path, permissions, handle: (asked) => submit(deps, jobs, asked) },
    {
      method: 'GET',
      path: `${path}/availability`,
      permissions,
      handle: () => done({ dataAvailabilityDate: isoTime(availableAt(deps)) }),
    },
    {
      method: 'GET',
      path: `${path}/{id}`,
      permissions,
      handle: (asked) => found(asked, (job) => done(statusOf(job, deps.clock.now()))),
    },
    {
      method: 'DELETE',
      path: `${path}/{id}`,
      permissions,
      handle: (asked) =>
        found(asked, (job) => {
          job.isCancelled = true
          return done()
        }),
    },
    {
      method: 'GET',
      path: `${path}/{id}/results`,
      permissions,
      handle: (asked) => found(asked, (job) => resultsOf(deps, job, asked)),
    },
  ]
}

function submit({ clock, random, faults }: JobsDeps, jobs: Map<string, Job>, asked: Asked): Reply {
  const body = objectIn(asked)
  const interval = readInterval(body['interval'], 7)
  if ('status' in interval) return interval
  const filter = filterOf(body)
  if (typeof filter === 'string') return badRequest(filter)
  const submittedAt = clock.now()
  for (const oldest of jobs.keys()) {
    if (jobs.size < MOST_JOBS) break
    jobs.delete(oldest)
  }
  const jobId = random.uuid()
  jobs.set(jobId, {
    interval,
    filter,
    byStartOfDay: body['startOfDayIntervalMatching'] === true,
    submittedAt,
    fulfilledAt: submittedAt + faults.jobTakesMs,
    isCancelled: false,
    results: null,
  })
  return done({ jobId }, 202)
}

function statusOf({ submittedAt, fulfilledAt, isCancelled }: Job, now: number) {
  const expiresAt = fulfilledAt + DAY_MS
  const half = (submittedAt + fulfilledAt) / 2
  const running = now < half ? 'QUEUED' : now < fulfilledAt ? 'PENDING' : 'FULFILLED'
  const state = isCancelled ? 'CANCELLED' : now >= expiresAt ? 'EXPIRED' : running
  return {
    state,
    submissionDate: isoTime(submittedAt),
    ...(state === 'FULFILLED' && {
      completionDate: isoTime(Math.ceil(fulfilledAt)),
      expirationDate: isoTime(Math.ceil(expiresAt)),
    }),
  }
}

function resultsOf(deps: JobsDeps, job: Job, { query }: Asked): Reply {
  const { state } = statusOf(job, deps.clock.now())
  if (state !== 'FULFILLED') return badRequest(`The job is ${state}: it has no results.`)
  const pageSize = numberIn(query, 'pageSize') ?? 1000
  const from = Number(Buffer.from(query.get('cursor') ?? '', 'base64url').toString() || 0)
  if (pageSize < 1 || pageSize > MOST_PAGE || !Number.isSafeInteger(from) || from < 0)
    return badRequest('pageSize or cursor is not usable.')
  const asOf = availableAt(deps)
  job.results ??= lakeOf(deps.happened, job, asOf)
  const conversations = job.results.slice(from, from + pageSize)
  const next = from + pageSize
  const cursor = Buffer.from(String(next)).toString('base64url')
  const isLast = next >= job.results.length
  return done({
    ...(conversations.length > 0 && { conversations }),
    ...(!isLast && { cursor }),
    dataAvailabilityDate: isoTime(asOf),
  })
}

function lakeOf(happened: Happened, job: Job, asOf: number): JsonValue[] {
  const { interval, filter, byStartOfDay } = job
  const all = byStartOfDay
    ? conversationsIn(happened, interval, asOf)
    : [...happened.within(interval.from, interval.to, asOf)]
  const found = all.filter(({ record }) => filter(record))
  return found.map(({ conversationId, record }) => happened.withAttributes(conversationId, record))
}

function availableAt({ clock, faults }: JobsDeps): number {
  return clock.now() - faults.jobLagMs
}

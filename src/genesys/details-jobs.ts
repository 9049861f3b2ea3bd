/**
 * Conversations by time, in the background: `/api/v2/analytics/conversations/details/jobs`. A job
 * reads the platform's data lake, which lags behind by hours and tells how far it has come.
 *
 * Guarantee: the results of a job are told to the last page. Limits are the platform's: what is
 * behind the availability date is provisional; an interval that is too wide rejects with
 * INL_GEN_INTERVAL. Source: documentation of the official SDK; pages of 1,000 are known to work.
 */
import type { Clock } from '../core/clock.ts'
import { InletError } from '../core/errors.ts'
import { textAt } from '../event/fields.ts'
import type { ObjectView } from '../event/json-view.ts'
import type { Call, GenesysClient, Urgency } from './client.ts'
import {
  type ConversationRecord,
  type DetailsPage,
  type Interval,
  intervalText,
  recordsOf,
} from './details-query.ts'
import { objectOf } from './failures.ts'
import { pagesByCursor } from './paging.ts'

const PATH = '/api/v2/analytics/conversations/details/jobs'
const PAGE_SIZE = 1000
const LOOK_EVERY_MS = 5000
/** Jobs take minutes; one that takes longer is given up. */
const PATIENCE_MS = 1_800_000

export interface JobOptions {
  readonly urgency?: Urgency
  readonly signal?: AbortSignal
}

export interface JobDeps {
  readonly client: GenesysClient
  readonly clock: Clock
}

export interface JobPage {
  readonly records: readonly ConversationRecord[]
  /** Up to when the data lake is complete, ms; null where it does not say. */
  readonly availableTo: number | null
}

/** A job from its submission to its last page, as pages of a query. */
export async function* detailsByJob(
  deps: JobDeps,
  interval: Interval,
  options: JobOptions & { readonly pageSize?: number } = {},
): AsyncGenerator<DetailsPage, void> {
  const { pageSize, ...rest } = options
  const jobId = await submitDetailsJob(deps.client, interval, rest)
  await jobFinished(deps, jobId, rest)
  for await (const { records } of jobResults(deps.client, jobId, options))
    yield { records, totalHits: null }
}

/** Up to when the data lake is complete, ms; null where it does not say. */
export async function detailsAvailableTo(
  client: GenesysClient,
  options: JobOptions = {},
): Promise<number | null> {
  const call: Call = { method: 'GET', path: `${PATH}/availability`, ...options }
  return availabilityIn(objectOf((await client.call(call)).view))
}

/** The id of the job. A job that is lost with its answer costs the platform only. */
export async function submitDetailsJob(
  client: GenesysClient,
  interval: Interval,
  options: JobOptions = {},
): Promise<string> {
  const body = { interval: intervalText(interval), order: 'asc', orderBy: 'conversationStart' }
  const call: Call = { method: 'POST', path: PATH, body, repeatable: true, ...options }
  const jobId = textAt(objectOf((await client.call(call)).view), 'jobId')
  if (jobId !== null) return jobId
  throw new InletError('INL_GEN_ANSWER', { host: client.org, reason: 'a job without an id' })
}

/** Resolves when the job has results; rejects with INL_GEN_JOB where it never will. */
export async function jobFinished(
  { client, clock }: JobDeps,
  jobId: string,
  options: JobOptions = {},
): Promise<void> {
  const { org } = client
  for (const began = clock.elapsed(); ; ) {
    const answer = await client.call({ method: 'GET', path: pathOf(jobId), ...options })
    const status = objectOf(answer.view)
    const state = textAt(status, 'state')
    if (state === 'FULFILLED') return
    if (state !== 'QUEUED' && state !== 'PENDING') {
      const reason = textAt(status, 'errorMessage') ?? 'no reason given'
      throw new InletError('INL_GEN_JOB', { org, state, reason })
    }
    if (clock.elapsed() - began > PATIENCE_MS)
      throw new InletError('INL_GEN_JOB', { org, state, reason: 'it does not come to an end' })
    await clock.sleep(LOOK_EVERY_MS, options.signal)
  }
}

export async function* jobResults(
  client: GenesysClient,
  jobId: string,
  options: JobOptions & { readonly pageSize?: number } = {},
): AsyncGenerator<JobPage, void> {
  const { pageSize = PAGE_SIZE, ...rest } = options
  const path = `${pathOf(jobId)}/results`
  const call: Call = { method: 'GET', path, query: { pageSize }, ...rest }
  for await (const page of pagesByCursor(client, call, 'conversations'))
    yield { records: recordsOf(page), availableTo: availabilityIn(page.body) }
}

function pathOf(jobId: string): string {
  return `${PATH}/${encodeURIComponent(jobId)}`
}

function availabilityIn(body: ObjectView | null): number | null {
  const at = Date.parse(textAt(body, 'dataAvailabilityDate') ?? '')
  return Number.isNaN(at) ? null : at
}

/**
 * How the records of an interval are had: by query, and by a job in the background where they are
 * many and all of them are in the platform's data lake.
 *
 * A page of a query has 100 records, one of a job 1,000, without a limit of their number; a job
 * costs a few calls and some minutes more. Guarantee: whatever a job does not tell, the query does;
 * what came of it before is then told again.
 */
import { InletError } from '../core/errors.ts'
import type { DetailsPage, Interval } from '../genesys/details-query.ts'

export interface PullDeps {
  readonly query: (interval: Interval) => AsyncIterable<DetailsPage>
  readonly job: (interval: Interval) => AsyncIterable<DetailsPage>
  /** Up to when jobs tell everything, ms; null where nobody says. */
  readonly availableTo: () => Promise<number | null>
  readonly onJobFailed: (error: InletError) => void
}

/** A query of as many takes half a minute of what may be asked. */
export const JOB_FROM = 5000

export function openPull(
  { query, job, availableTo, onJobFailed }: PullDeps,
  { jobFrom = JOB_FROM }: { readonly jobFrom?: number } = {},
): (interval: Interval) => AsyncGenerator<DetailsPage, void> {
  let available: Promise<number> | null = null
  const isAvailable = async ({ to }: Interval) => {
    available ??= availableTo().then((at) => at ?? Number.NEGATIVE_INFINITY)
    return to <= (await available)
  }
  return async function* pull(interval) {
    let mayAskJob = true
    for await (const page of query(interval)) {
      try {
        if (mayAskJob && (page.totalHits ?? 0) > jobFrom && (await isAvailable(interval))) {
          yield* job(interval)
          return
        }
      } catch (error) {
        if (!(error instanceof InletError)) throw error
        onJobFailed(error)
      }
      mayAskJob = false
      yield page
    }
  }
}

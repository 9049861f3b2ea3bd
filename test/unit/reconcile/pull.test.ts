/** How records are had, from a simulated Analytics whose jobs read a data lake that lags behind. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { systemClock } from '../../../src/core/clock.ts'
import type { InletError } from '../../../src/core/errors.ts'
import { detailsAvailableTo, detailsByJob } from '../../../src/genesys/details-jobs.ts'
import { type Interval, queryDetails } from '../../../src/genesys/details-query.ts'
import { openPull } from '../../../src/reconcile/pull.ts'
import { openTestClient, startTestCloud, type TestCloud } from '../../support/cloud.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
const COUNT = 25
/** What has passed beyond the time of this machine. */
let passed = 0
const clock = {
  ...systemClock,
  now: () => systemClock.now() + passed,
  elapsed: () => systemClock.elapsed() + passed,
}
/** Of who waits for a job. */
const hasty = {
  ...clock,
  async sleep(ms: number) {
    passed += ms
  },
}

let cloud: TestCloud
let from: number
let all: readonly string[]

beforeEach(async () => {
  passed = 0
  cloud = await startTestCloud({ clock })
  from = Math.floor(clock.now() / DAY) * DAY - 3 * DAY
  all = cloud.fill(COUNT, from + HOUR).map(({ truth }) => truth.conversationId)
})
afterEach(() => cloud.stop())

/** Ids as they came, page by page, and by which way. */
async function pulled(
  interval: Interval,
  { jobFrom = 10, onSubmitted = () => {} }: { jobFrom?: number; onSubmitted?: () => void } = {},
) {
  const client = openTestClient({ ...cloud, clock })
  const failures: string[] = []
  const pages: string[][] = []
  let attributes = 0
  const pull = openPull(
    {
      query: (at) => queryDetails(client, { ...at, pageSize: 20 }),
      async *job(at) {
        for await (const page of detailsByJob({ client, clock: hasty }, at, { pageSize: 10 })) {
          yield page
          onSubmitted()
        }
      },
      availableTo: () => detailsAvailableTo(client),
      onJobFailed: ({ code }: InletError) => void failures.push(code),
    },
    { jobFrom },
  )
  for await (const { records } of pull(interval)) {
    pages.push(records.map(({ conversationId }) => conversationId ?? ''))
    for (const { slice } of records) attributes += Number(slice.includes('"attributes"'))
  }
  return { pages, failures, attributes, sizes: pages.map((page) => page.length) }
}

suite('records of an interval', () => {
  test('are asked for by query where they are few', async () => {
    const { sizes, pages } = await pulled({ from, to: from + DAY }, { jobFrom: COUNT })
    assert.deepEqual(sizes, [20, 5])
    assert.deepEqual(pages.flat(), all)
  })

  test('come of a job where they are many, page by page to the last', async () => {
    const { sizes, pages, attributes } = await pulled({ from, to: from + DAY })
    assert.deepEqual(sizes, [10, 10, 5])
    assert.deepEqual(pages.flat().sort(), all.toSorted())
    assert.equal(attributes, COUNT, 'as a job tells them')
    assert.ok(passed > 0, 'it was waited for')
  })

  test('are asked for by query where the data lake does not have all of them', async () => {
    cloud.faults.jobLagMs = clock.now() - from - DAY + HOUR
    assert.deepEqual((await pulled({ from, to: from + DAY })).sizes, [20, 5])
    cloud.faults.jobLagMs -= 2 * HOUR
    assert.deepEqual((await pulled({ from, to: from + DAY })).sizes, [10, 10, 5])
  })

  test('are asked for by query where the job expires amid its pages', async () => {
    let told = 0
    const onSubmitted = () => {
      if (++told === 2) passed += 2 * DAY
    }
    const { sizes, failures, pages } = await pulled({ from, to: from + DAY }, { onSubmitted })
    assert.deepEqual([sizes, failures], [[10, 10, 20, 5], ['INL_GEN_REFUSED']])
    assert.deepEqual(pages.slice(2).flat(), all)
  })

  test('are asked for by query where a job refuses so many days', async () => {
    cloud.faults.jobLagMs = 0
    const { sizes, failures } = await pulled({ from: from - 5 * DAY, to: from + 3 * DAY })
    assert.deepEqual([sizes, failures], [[20, 5], ['INL_GEN_INTERVAL']])
  })

  test('are asked for by query where a job does not come to an end', async () => {
    cloud.faults.jobTakesMs = DAY
    const { sizes, failures } = await pulled({ from, to: from + DAY })
    assert.deepEqual([sizes, failures], [[20, 5], ['INL_GEN_JOB']])
  })

  test('are refused where the query does not take so many days', async () => {
    const tooMany = pulled({ from: from - 40 * DAY, to: from + DAY })
    await assert.rejects(tooMany, { code: 'INL_GEN_INTERVAL' })
  })
})

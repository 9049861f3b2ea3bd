import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { systemClock } from '../../../src/core/clock.ts'
import { InletError } from '../../../src/core/errors.ts'
import { detailsById, type Interval, queryDetails } from '../../../src/genesys/details-query.ts'
import type { ReconcileDeps } from '../../../src/reconcile/reconcile.ts'
import { reconcile } from '../../../src/reconcile/reconcile.ts'
import type { Conversation } from '../../../src/simulator/centre/conversation.ts'
import { openTestClient, startTestCloud } from '../../support/cloud.ts'

const DAY = 86_400_000
const from = Math.floor(systemClock.now() / DAY) * DAY - 3 * DAY
const options = {
  org: 'prod',
  signal: new AbortController().signal,
  perSecond: 100_000,
  keptFrom: 0,
  onProgress: () => undefined,
}

const idOf = (one?: Conversation) => one?.truth.conversationId ?? assert.fail('none')

/** A lake that knows nothing, and what was submitted to it. */
function emptyLake() {
  const submitted: (string | null)[] = []
  const deps: Omit<ReconcileDeps, 'pull'> = {
    clock: systemClock,
    known: { async load() {}, find: async () => new Map() },
    unsettled: async () => [],
    refusal: () => null,
    pullById: async function* () {},
    async submit({ conversationId }) {
      submitted.push(conversationId)
    },
  }
  return { deps, submitted }
}

suite('a reconciliation', () => {
  test('asks by days and counts each conversation once, where it began', async () => {
    const cloud = await startTestCloud()
    const told = cloud.fill(150, from + DAY - 60 * 60_000)
    const client = openTestClient(cloud)
    const asked: Interval[] = []
    const { deps, submitted } = emptyLake()
    const pull = (interval: Interval) => {
      asked.push(interval)
      return queryDetails(client, interval)
    }
    const report = await reconcile({ ...deps, pull }, { ...options, from, to: from + 2 * DAY })
    await cloud.stop()
    assert.deepEqual(
      asked.map((one) => (one.to - one.from) / DAY),
      [1, 1],
    )
    assert.deepEqual([report.expected, report.missing, report.backFilled], [150, 150, 150])
    assert.deepEqual(submitted.sort(), told.map((one) => one.truth.conversationId).sort())
    const hours = report.hours.map(({ hour, expected }) => [String(hour).slice(11, 13), expected])
    const inHour = (hour: string) =>
      hours.reduce((sum, [one, expected]) => sum + (one === hour ? Number(expected) : 0), 0)
    assert.deepEqual(['23', '00', '01', '02'].map(inHour), [60, 60, 30, 0])
  })

  test('cuts an interval that is refused until it is answered', async () => {
    const cloud = await startTestCloud()
    cloud.fill(100, from)
    const client = openTestClient(cloud)
    const asked: number[] = []
    const { deps, submitted } = emptyLake()
    const pull = (interval: Interval) => {
      asked.push(interval.to - interval.from)
      const wide = interval.to - interval.from > 3 * 3_600_000
      return wide ? refused() : queryDetails(client, interval)
    }
    const report = await reconcile({ ...deps, pull }, { ...options, from, to: from + DAY })
    await cloud.stop()
    assert.deepEqual([report.expected, new Set(submitted).size, submitted.length], [100, 100, 100])
    assert.equal(asked.length, 1 + 2 + 4 + 8)
  })

  test('cuts an interval that has more results than may be paged through', async () => {
    const asked: number[] = []
    const { deps } = emptyLake()
    const pull = async function* (interval: Interval) {
      asked.push(interval.to - interval.from)
      yield { records: [], totalHits: interval.to - interval.from > DAY / 2 ? 100_001 : 0 }
    }
    await reconcile({ ...deps, pull }, { ...options, from, to: from + DAY })
    assert.deepEqual(asked, [DAY, DAY / 2, DAY / 2])
  })

  test('asks by id for what is not settled, and compares what has ended', async () => {
    const cloud = await startTestCloud()
    const [older, within, ...more] = cloud.fill(72, from)
    const open = cloud.fill(1, systemClock.now() - 1000)
    const client = openTestClient(cloud)
    const { deps, submitted } = emptyLake()
    const interval = { from: from + 60_000, to: from + 120_000 }
    const loaded: [number, number | undefined][] = []
    const answers: number[] = []
    const report = await reconcile(
      {
        ...deps,
        known: {
          ...deps.known,
          load: async (at, ids) => void loaded.push([at.from, ids?.length]),
        },
        pull: async function* () {},
        unsettled: async () => [older, within, ...open, ...more].map(idOf),
        pullById: async function* (ids) {
          for await (const page of detailsById(client, ids)) {
            answers.push(page.records.length)
            yield page
          }
        },
      },
      { ...options, ...interval },
    )
    await cloud.stop()
    assert.deepEqual(answers, [50, 23])
    assert.deepEqual(submitted, [older, ...more].map(idOf), 'what began within was compared there')
    assert.deepEqual([report.askedById, report.expected, report.open], [73, 72, 1])
    assert.deepEqual(loaded, [
      [interval.from, undefined],
      [from, 71],
    ])
  })

  test('leaves out what the lake would not keep, and says from when on it does', async () => {
    const cloud = await startTestCloud()
    const [older, ...kept] = cloud.fill(3, from + DAY - 60_000)
    const client = openTestClient(cloud)
    const asked: Interval[] = []
    const { deps, submitted } = emptyLake()
    const all = {
      ...deps,
      pull: (interval: Interval) => {
        asked.push(interval)
        return queryDetails(client, interval)
      },
      unsettled: async () => [idOf(older)],
      pullById: (ids: readonly string[]) => detailsById(client, ids),
    }
    const keptFrom = from + DAY
    const interval = { ...options, from: from - DAY, keptFrom }
    const report = await reconcile(all, { ...interval, to: from + 2 * DAY })
    const nothing = await reconcile(all, { ...interval, to: from + DAY })
    await cloud.stop()
    assert.deepEqual(asked, [{ from: keptFrom, to: from + 2 * DAY }])
    assert.deepEqual(submitted.sort(), kept.map(idOf).sort())
    assert.deepEqual([report.expected, report.missing, report.retired], [3, 2, 1])
    const notKept = { keptFrom: new Date(keptFrom).toISOString(), days: 2 }
    assert.deepEqual([report.notKept, nothing.notKept], [notKept, notKept])
    assert.deepEqual([Date.parse(report.from), nothing.expected], [from - DAY, 0])
  })

  test('ends where an interval is refused that cannot be cut', async () => {
    const { deps } = emptyLake()
    const pull = () => refused()
    const failed = reconcile({ ...deps, pull }, { ...options, from, to: from + DAY })
    await assert.rejects(failed, { code: 'INL_GEN_INTERVAL' })
  })
})

// biome-ignore lint/correctness/useYield: it is refused before any page
async function* refused(): AsyncGenerator<never> {
  throw new InletError('INL_GEN_INTERVAL', { org: 'prod', call: 'POST', reason: 'too much' })
}

import assert from 'node:assert/strict'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { hasCode } from '../../../src/core/errors.ts'
import { type DetailsQuery, queryDetails } from '../../../src/genesys/details-query.ts'
import { openTestClient, startTestCloud, type TestCloud } from '../../support/cloud.ts'

const DAY = 86_400_000
const start = Date.UTC(2026, 0, 2, 8)
let cloud: TestCloud

beforeEach(async () => {
  cloud = await startTestCloud()
})
afterEach(() => cloud.stop())

async function idsOf(query: DetailsQuery): Promise<(string | null)[]> {
  const ids = []
  for await (const { records } of queryDetails(openTestClient(cloud), query))
    for (const { conversationId } of records) ids.push(conversationId)
  return ids
}

suite('a query of conversation details', () => {
  test('tells every conversation of the interval, over pages, in order of time', async () => {
    const told = cloud.fill(7, start)
    const query = { from: start, to: start + DAY, pageSize: 3 }
    assert.deepEqual(
      await idsOf(query),
      told.map(({ truth }) => truth.conversationId),
    )
    assert.deepEqual(await idsOf({ from: start - DAY, to: start - DAY / 2 }), [])
  })

  test('gives each record as it stood in the answer', async () => {
    const [conversation] = cloud.fill(1, start)
    const query = { from: start, to: start + DAY }
    for await (const { records, totalHits } of queryDetails(openTestClient(cloud), query)) {
      assert.equal(totalHits, 1)
      const [record] = records
      const value = JSON.parse(record?.slice.toString() ?? '')
      assert.equal(value.conversationId, conversation?.truth.conversationId)
      assert.equal(Date.parse(value.conversationEnd), conversation?.truth.end)
    }
  })

  test('says that the interval is to be smaller, where the platform does', async () => {
    const tooLong = { from: start, to: start + 32 * DAY }
    await assert.rejects(idsOf(tooLong), (error) => hasCode(error, 'INL_GEN_INTERVAL'))
  })
})

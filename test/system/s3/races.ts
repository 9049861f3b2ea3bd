/** Commits of several writers to one table in a bucket, whose answers are lost now and then. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../../src/core/clock.ts'
import { nodeFiles } from '../../../src/core/node-files.ts'
import { seededRandom, systemRandom } from '../../../src/core/random.ts'
import { openDeltaTable } from '../../../src/lake/delta/delta-table.ts'
import { arrivals } from '../../../src/tables/arrivals.ts'
import { newBucket, openTestStore } from './bucket.ts'
import { type Fault, startFaultyS3 } from './faulty-s3.ts'

const writers = 4
const steps = 15
const faults: readonly Fault[] = ['mute', 'mute', 500, 503, 'cut']

/** Each counts its own txn up, one by one: a commit that is lost or doubled breaks the count. */
test('land once each, whatever becomes of the answers', async () => {
  const proxy = await startFaultyS3()
  const random = seededRandom(7)
  proxy.manner(() =>
    random.next() < 0.1 ? (faults[random.below(faults.length)] ?? 'pass') : 'pass',
  )
  const bucket = await newBucket()
  const stores = await Promise.all(
    Array.from({ length: writers }, () => openTestStore({ url: proxy.url, bucket })),
  )
  const write = async (store: (typeof stores)[number], appId: string) => {
    const deps = { ...{ clock: systemClock, random: systemRandom, files: nodeFiles }, ...store }
    const table = await openDeltaTable({ ...deps, readCheckpoint: () => assert.fail() }, arrivals)
    for (let at = 0; at < steps; ) {
      const from = at === 0 ? null : at
      const change = { operation: 'WRITE', txns: [{ appId, from, to: at + 1 }] }
      const result = await table.commit(change).catch(() => null)
      // As the loader does: it may have landed all the same, and the table knows.
      if (result === null) await table.refresh().catch(() => undefined)
      assert.notEqual(result?.kind, 'conflict')
      at = table.txn(appId) ?? 0
    }
  }
  await Promise.all(stores.map((store, index) => write(store, `writer-${index}`)))
  const [{ store } = assert.fail()] = stores
  proxy.manner(() => 'pass')
  const log = (await store.list('bronze/arrivals/_delta_log/')).map(({ key }) => key.slice(-25))
  const versions = Array.from({ length: writers * steps + 1 }, (_, at) => at)
  assert.deepEqual(
    log,
    versions.map((version) => `${String(version).padStart(20, '0')}.json`),
  )
  assert.ok(proxy.faults().length > 20)
  for (const one of stores) await one.dispose()
  await proxy.close()
})

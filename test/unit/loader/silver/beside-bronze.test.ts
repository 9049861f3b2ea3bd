import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../../../src/core/clock.ts'
import { nodeFiles } from '../../../../src/core/node-files.ts'
import { systemRandom } from '../../../../src/core/random.ts'
import { openSilver } from '../../../../src/loader/silver/silver.ts'
import { eventEntry } from '../../../support/entries.ts'
import { openLanding } from '../../../support/loader.ts'
import { plainSilver } from '../../../support/silver-rounds.ts'

test('bronze goes on while silver fails, and silver follows once it can', async () => {
  const landing = await openLanding()
  const { lake } = landing
  let fails = true
  const failed = Promise.withResolvers<void>()
  const silver = openSilver(
    {
      ...{ ...lake, files: nodeFiles, random: systemRandom, clock: systemClock },
      observer: (event) => {
        if (event === 'silver_retrying') failed.resolve()
      },
      rows: {
        ...plainSilver,
        statements: (slice) =>
          fails ? Promise.reject(new Error('no rows today')) : plainSilver.statements(slice),
      },
    },
    { everyMs: 10, scratch: lake.scratch },
  )
  const counted = async (table: string) => {
    const { rows } = await lake.query(`SELECT count(*)::INTEGER FROM ${table}`)
    return rows[0]?.[0]
  }
  try {
    await landing.land([eventEntry(0)])
    await silver.start(new AbortController().signal)
    await failed.promise
    await landing.land([eventEntry(1), eventEntry(2)])
    assert.equal(await counted('bronze.events'), 3)
    assert.equal(await counted('silver.other_events'), 0)
    fails = false
    await silver.drain(new AbortController().signal)
    assert.equal(await counted('silver.other_events'), 3)
  } finally {
    await silver.stop()
    await landing.dispose()
  }
})

/** What is told of gaps of channels. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GapWatch } from '../../../../src/app/channels/gap-watch.ts'
import type { OrgInterval } from '../../../../src/app/channels/open-gaps.ts'
import type { EventName } from '../../../../src/observe/events.ts'
import { movableClock } from '../../../support/clock.ts'
import { toldMetrics } from '../../../support/told-metrics.ts'

const HOUR = 3_600_000

function setUp() {
  const clock = movableClock()
  const events: EventName[] = []
  const gaps: OrgInterval[] = []
  const proven = new Map([['prod', clock.now()]])
  const observer = (event: EventName) => void events.push(event)
  const deps = { clock, observer, gaps: async () => gaps, proven: async () => proven }
  const watch = new GapWatch(deps, { orgs: ['prod'], channelGapAge: HOUR })
  return { clock, events, gaps, proven, watch }
}

test('a gap is told of once it is old, and once when a reconciliation covers it', async () => {
  const { clock, events, gaps, proven, watch } = setUp()
  assert.deepEqual(toldMetrics(watch), {}, 'nothing before the first look')
  const from = clock.now()
  gaps.push({ org: 'prod', from, to: from + 1000 })
  await watch.look()
  assert.deepEqual(events, [])
  clock.advance(HOUR + 1)
  proven.set('prod', clock.now())
  for (let look = 0; look < 3; look++) await watch.look()
  assert.deepEqual(events, ['channel_gaps_waiting'])
  assert.deepEqual(toldMetrics(watch), {
    'inlet_channel_gaps_open org=prod': 1,
    'inlet_channel_gaps_oldest_timestamp_seconds org=prod': from / 1000,
    'inlet_alert source=- reason=channel_gaps': 1,
  })
  gaps.pop()
  await watch.look()
  assert.deepEqual(events, ['channel_gaps_waiting', 'channel_gaps_closed'])
  assert.equal(toldMetrics(watch)['inlet_channel_gaps_open org=prod'], 0)
})

test('so is one that goes on, which no note tells of yet', async () => {
  const { clock, events, proven, watch } = setUp()
  clock.advance(HOUR + 1)
  await watch.look()
  assert.deepEqual(events, ['channel_gaps_waiting'])
  assert.equal(toldMetrics(watch)['inlet_channel_gaps_open org=prod'], 1)
  proven.set('prod', clock.now())
  await watch.look()
  assert.deepEqual(events, ['channel_gaps_waiting', 'channel_gaps_closed'])
})

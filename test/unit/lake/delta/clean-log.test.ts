import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logRetentionMs, planLogCleanup } from '../../../../src/lake/delta/clean-log.ts'
import {
  checkpointKey,
  commitKey,
  lastCheckpointKey,
} from '../../../../src/lake/delta/log-names.ts'

const now = Date.UTC(2026, 0, 10)
const old = now - logRetentionMs
const object = (key: string, modifiedAt: number) => ({ key, size: 1, modifiedAt })

/** Commits 0 to 300, those below 200 a day old, with a checkpoint every 100. */
const log = [
  ...Array.from({ length: 301 }, (_, version) =>
    object(commitKey('t', version), version < 200 ? old : now),
  ),
  object(checkpointKey('t', 100), old),
  object(checkpointKey('t', 200), now),
  object(checkpointKey('t', 300), now),
  object(lastCheckpointKey('t'), now),
]

test('what lies before the newest checkpoint that is a day old goes', () => {
  const keys = planLogCleanup(log, { now, lastCheckpoint: 300 })
  assert.deepEqual(
    keys,
    Array.from({ length: 100 }, (_, version) => commitKey('t', version)),
  )
})

test('a later day takes the older checkpoint along', () => {
  const keys = planLogCleanup(log, { now: now + logRetentionMs, lastCheckpoint: 300 })
  assert.ok(keys.includes(checkpointKey('t', 100)) && keys.includes(commitKey('t', 299)))
  assert.ok(!keys.includes(commitKey('t', 300)) && !keys.includes(lastCheckpointKey('t')))
})

test('nothing goes at or above the checkpoint that readers are sent to', () => {
  const later = now + logRetentionMs
  assert.deepEqual(planLogCleanup(log, { now: later, lastCheckpoint: null }), [])
  const keys = planLogCleanup(log, { now: later, lastCheckpoint: 200 })
  assert.ok(!keys.includes(commitKey('t', 200)) && !keys.includes(checkpointKey('t', 200)))
})

test('without a checkpoint that is old enough everything stays', () => {
  assert.deepEqual(planLogCleanup(log, { now: now - 1, lastCheckpoint: 300 }), [])
})

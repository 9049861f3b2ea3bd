import assert from 'node:assert/strict'
import { test } from 'node:test'
import { periodic } from '../../../src/app/periodic.ts'
import { steppedClock } from '../../support/stepped-clock.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('a task is done again and again, and one that fails is told of and tried again', async () => {
  const clock = steppedClock()
  const began = clock.now()
  const done: number[] = []
  const failures: unknown[] = []
  const life = periodic(clock, {
    ...{ name: 'watch', firstAfterMs: 10, everyMs: 100 },
    async task() {
      done.push(clock.now() - began)
      if (done.length === 2) throw new Error('not now')
    },
    onError: (error) => void failures.push(String(error)),
  })
  await life.start(new AbortController().signal)
  await clock.advance(250)
  assert.deepEqual([done, failures], [[10, 110, 210], ['Error: not now']])
  await life.stop()
  await clock.advance(500)
  assert.equal(done.length, 3)
})

test('stopping aborts a task, and waits no longer than that takes or two seconds', async () => {
  const clock = steppedClock()
  let ended = false
  const endless = periodic(clock, {
    ...{ name: 'watch', firstAfterMs: 0, everyMs: 100 },
    task: () => new Promise(() => undefined),
    onError: () => undefined,
  })
  const obedient = periodic(clock, {
    ...{ name: 'watch', firstAfterMs: 0, everyMs: 100 },
    task: (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
      }),
    onError: () => assert.fail('being stopped is no failure'),
  })
  for (const life of [endless, obedient]) await life.start(new AbortController().signal)
  await turn()
  await clock.advance(1)
  await obedient.stop()
  const stopped = endless.stop().then(() => {
    ended = true
  })
  await turn()
  assert.equal(ended, false)
  await clock.advance(2000)
  await stopped
  assert.equal(ended, true)
})

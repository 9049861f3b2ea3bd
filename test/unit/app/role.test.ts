import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { type RoleOptions, runRole } from '../../../src/app/role.ts'
import type { Lifecycle } from '../../../src/core/lifecycle.ts'
import type { EventName } from '../../../src/observe/events.ts'
import { movableClock } from '../../support/clock.ts'

/** Components `front` and `back` that write down what is done to them. */
function recorded(changes: Partial<Record<'front' | 'back', Partial<Lifecycle>>> = {}) {
  const done: string[] = []
  const component = (name: 'front' | 'back'): Lifecycle => ({
    name,
    start: async () => void done.push(`start ${name}`),
    drain: async () => void done.push(`drain ${name}`),
    stop: async () => void done.push(`stop ${name}`),
    ...changes[name],
  })
  const events: EventName[] = []
  const run = (options: Partial<RoleOptions> & Pick<RoleOptions, 'stop'>) => {
    const observer = (event: EventName) => void events.push(event)
    const deps = { clock: movableClock(), observer }
    const components = [component('front'), component('back')]
    return runRole(deps, { components, drainMs: 1000, ...options })
  }
  return { done, events, run }
}

suite('a role', () => {
  test('starts what is behind first, and drains and stops what is in front first', async () => {
    const stop = new AbortController()
    const { done, events, run } = recorded()
    await run({ stop: stop.signal, onReady: () => stop.abort() })
    assert.deepEqual(done, [
      'start back',
      'start front',
      'drain front',
      'drain back',
      'stop front',
      'stop back',
    ])
    assert.deepEqual(events, ['process_started', 'process_stopping', 'process_stopped'])
  })

  test('that cannot start stops what it had started, and is never ready', async () => {
    const start = async () => {
      throw new Error('the port is taken')
    }
    const { done, run } = recorded({ front: { start } })
    let isReady = false
    const onReady = () => {
      isReady = true
    }
    await assert.rejects(run({ stop: new AbortController().signal, onReady }), /port is taken/)
    assert.equal(isReady, false)
    assert.ok(done.includes('stop back'))
  })

  test('that is told to stop while it starts ends without an error', async () => {
    const stop = new AbortController()
    const start = async () => stop.abort()
    const { done, run } = recorded({ back: { start } })
    await run({ stop: stop.signal })
    assert.equal(done.includes('start front'), false)
    assert.ok(done.includes('stop back'))
  })

  test('that cannot go on drains, stops, and fails with the reason', async () => {
    const failure = Promise.withResolvers<never>()
    const { done, events, run } = recorded()
    const ran = run({
      stop: new AbortController().signal,
      failure: failure.promise,
      onReady: () => failure.reject(new Error('a gap')),
    })
    await assert.rejects(ran, /a gap/)
    assert.ok(done.includes('drain front') && done.includes('stop back'))
    assert.equal(events.includes('process_stopped'), false)
  })

  test('cuts off what drains longer than it may', async () => {
    const stop = new AbortController()
    const drain = (deadline: AbortSignal) =>
      new Promise<void>((resolve) => {
        if (deadline.aborted) return resolve()
        deadline.addEventListener('abort', () => resolve(), { once: true })
      })
    const { done, run } = recorded({ front: { drain } })
    await run({ stop: stop.signal, onReady: () => stop.abort() })
    assert.ok(done.includes('stop front'))
  })

  test('stops the rest where one component does not stop cleanly', async () => {
    const stop = new AbortController()
    const failing = async () => {
      throw new Error('will not stop')
    }
    const { done, run } = recorded({ front: { stop: failing } })
    const ran = run({ stop: stop.signal, onReady: () => stop.abort() })
    await assert.rejects(ran, (error: AggregateError) => /will not/.test(String(error.errors[0])))
    assert.ok(done.includes('stop back'))
  })
})

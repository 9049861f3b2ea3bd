import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import {
  type Child,
  type ChildExit,
  gatewayParts,
  loaderPart,
  type Part,
  supervise,
} from '../../../src/app/supervisor.ts'
import type { Clock } from '../../../src/core/clock.ts'
import { seededRandom } from '../../../src/core/random.ts'

/** A supervised world in which nothing happens unless the test says so. */
function openStage(workers = 1) {
  const told: string[] = []
  const actors: Actor[] = []
  const sleeps: { ms: number; wake: () => void }[] = []
  const [stop, hurry] = [new AbortController(), new AbortController()]
  let time = 0
  const clock: Clock = {
    now: () => time,
    elapsed: () => time,
    sleep: (ms, signal) =>
      new Promise((wake, reject) => {
        sleeps.push({ ms, wake })
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
      }),
    every: () => () => undefined,
  }
  const spawn = ({ name }: Part): Child => {
    const actor = openActor(name, told)
    actors.push(actor)
    return actor.child
  }
  const observer = (event: string) => void told.push(event)
  const code = supervise(
    { spawn, clock, random: seededRandom(1), observer },
    {
      stages: [gatewayParts(workers), [loaderPart]],
      stop: stop.signal,
      hurry: hurry.signal,
      graceMs: 1000,
      onReady: () => void told.push('all ready'),
      onStopping: () => void told.push('stopping'),
    },
  )
  return {
    told,
    stop,
    hurry,
    code,
    /** The newest process of a name. */
    actor: (name: string) => actors.findLast((one) => one.name === name) ?? assert.fail(name),
    count: (name: string) => actors.filter((one) => one.name === name).length,
    /**
     * Ends the pause, or the grace, that was begun last; resolves once that has had its effects.
     */
    async wake(ms = 0) {
      time += ms
      sleeps.pop()?.wake()
      await settled()
    },
    lastSleep: () => sleeps.at(-1)?.ms ?? 0,
  }
}

interface Actor {
  readonly name: string
  readonly child: Child
  ready(): Promise<void>
  exit(exit: Partial<ChildExit>): Promise<void>
}

function openActor(name: string, told: string[]): Actor {
  const ready = Promise.withResolvers<void>()
  const exited = Promise.withResolvers<ChildExit>()
  return {
    name,
    child: {
      ready: ready.promise,
      exited: exited.promise,
      terminate: () => void told.push(`terminate ${name}`),
      kill: () => {
        told.push(`kill ${name}`)
        exited.resolve({ code: null, signal: 'SIGKILL' })
      },
    },
    ready() {
      ready.resolve()
      return settled()
    },
    exit(exit) {
      exited.resolve({ code: null, signal: null, ...exit })
      return settled()
    },
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

suite('the supervisor', () => {
  test('starts both at once and says when both are up', async () => {
    const stage = openStage()
    await stage.actor('gateway').ready()
    assert.equal(stage.told.includes('all ready'), false)
    await stage.actor('loader').ready()
    assert.deepEqual(stage.told, ['all ready'])
  })

  test('stops the gateway first and the loader once that is gone', async () => {
    const stage = openStage()
    stage.stop.abort()
    await settled()
    assert.deepEqual(stage.told, ['stopping', 'terminate gateway'])
    await stage.actor('gateway').exit({ code: 0 })
    assert.deepEqual(stage.told, ['stopping', 'terminate gateway', 'terminate loader'])
    await stage.actor('loader').exit({ code: 0 })
    assert.equal(await stage.code, 0)
  })

  test('ends with the worst exit code of the two', async () => {
    const stage = openStage()
    stage.stop.abort()
    await stage.actor('gateway').exit({ code: 0 })
    await stage.actor('loader').exit({ code: 1 })
    assert.equal(await stage.code, 1)
  })

  test('kills what does not end in time', async () => {
    const stage = openStage()
    stage.stop.abort()
    await settled()
    await stage.wake()
    assert.deepEqual(stage.told.slice(1), ['terminate gateway', 'kill gateway', 'terminate loader'])
    await stage.actor('loader').exit({ code: 0 })
    assert.equal(await stage.code, 1)
  })

  test('kills both at once when in a hurry', async () => {
    const stage = openStage()
    stage.stop.abort()
    stage.hurry.abort()
    await settled()
    assert.ok(stage.told.includes('kill gateway') && stage.told.includes('kill loader'))
    assert.equal(await stage.code, 1)
  })

  test('starts again what ends, after pauses that grow', async () => {
    const stage = openStage()
    await stage.actor('gateway').ready()
    const pauses: number[] = []
    for (let round = 1; round <= 12; round++) {
      await stage.actor('gateway').exit({ signal: 'SIGKILL' })
      pauses.push(stage.lastSleep())
      await stage.wake(pauses.at(-1))
      assert.equal(stage.count('gateway'), round + 1)
    }
    assert.ok((pauses[0] ?? 0) <= 500 && (pauses[5] ?? 0) > 4000)
    assert.ok(pauses.every((ms) => ms <= 60_000))
    assert.equal(stage.count('loader'), 1)
    assert.equal(stage.told.filter((one) => one === 'child_exited').length, 12)
  })

  test('forgets old failures of a process that then ran for long', async () => {
    const stage = openStage()
    for (let round = 0; round < 6; round++) {
      await stage.actor('loader').exit({ code: 1 })
      await stage.wake(round === 5 ? 300_000 : 1000)
    }
    await stage.wake(300_000)
    await stage.actor('loader').exit({ code: 1 })
    assert.ok(stage.lastSleep() <= 500)
  })

  test('keeps the gateway serving while the loader cannot start', async () => {
    const stage = openStage()
    await stage.actor('gateway').ready()
    await stage.actor('loader').exit({ code: 1 })
    await stage.wake()
    assert.equal(stage.count('loader'), 2)
    assert.deepEqual(stage.told, ['child_exited'])
  })

  test('ends where the gateway never came up, with its exit code', async () => {
    const stage = openStage()
    await stage.actor('gateway').exit({ code: 1 })
    assert.deepEqual(stage.told, ['stopping', 'terminate loader'])
    await stage.actor('loader').exit({ code: 0 })
    assert.equal(await stage.code, 1)
  })

  test('ends where a configuration is wrong', async () => {
    const stage = openStage()
    await stage.actor('gateway').ready()
    await stage.actor('loader').exit({ code: 2 })
    await stage.actor('gateway').exit({ code: 0 })
    assert.equal(await stage.code, 2)
  })

  test('keeps the gateway serving while a configuration is wrong that was right', async () => {
    const stage = openStage()
    await stage.actor('gateway').ready()
    await stage.actor('loader').ready()
    await stage.actor('loader').exit({ code: 1 })
    for (let round = 2; round < 5; round++) {
      await stage.wake()
      assert.equal(stage.count('loader'), round)
      await stage.actor('loader').exit({ code: 2 })
      assert.equal(stage.lastSleep(), 60_000)
    }
    assert.deepEqual(stage.told, ['all ready', ...Array(4).fill('child_exited')])
    stage.stop.abort()
    await stage.actor('gateway').exit({ code: 0 })
    assert.equal(await stage.code, 1)
  })

  test('ends at once where a process waits to be started again', async () => {
    const stage = openStage()
    await stage.actor('gateway').ready()
    await stage.actor('loader').exit({ code: 1 })
    stage.stop.abort()
    await stage.actor('gateway').exit({ code: 0 })
    assert.equal(await stage.code, 1)
    assert.equal(stage.count('loader'), 1)
  })

  test('takes a process that was told to stop before it could listen as stopped', async () => {
    const stage = openStage()
    stage.stop.abort()
    await stage.actor('gateway').exit({ signal: 'SIGTERM' })
    await stage.actor('loader').exit({ signal: 'SIGTERM' })
    assert.equal(await stage.code, 0)
  })

  test('starts one gateway of several again without touching the others', async () => {
    const stage = openStage(2)
    await stage.actor('gateway-0').ready()
    await stage.actor('loader').ready()
    assert.equal(stage.told.includes('all ready'), false)
    await stage.actor('gateway-1').ready()
    assert.deepEqual(stage.told, ['all ready'])
    await stage.actor('gateway-1').exit({ signal: 'SIGKILL' })
    await stage.wake()
    assert.deepEqual(
      ['gateway-0', 'gateway-1', 'loader'].map((name) => stage.count(name)),
      [1, 2, 1],
    )
    assert.deepEqual(stage.told, ['all ready', 'child_exited'])
  })

  test('starts a gateway again at once that ended as somebody told it', async () => {
    const stage = openStage(2)
    await stage.actor('gateway-0').ready()
    await stage.actor('gateway-0').exit({ code: 0 })
    assert.equal(stage.lastSleep(), 0)
  })

  test('stops all gateways at the same time, and the loader behind the last', async () => {
    const stage = openStage(2)
    stage.stop.abort()
    await settled()
    assert.deepEqual(stage.told, ['stopping', 'terminate gateway-0', 'terminate gateway-1'])
    await stage.actor('gateway-1').exit({ code: 0 })
    assert.equal(stage.told.includes('terminate loader'), false)
    await stage.actor('gateway-0').exit({ code: 0 })
    assert.equal(stage.told.at(-1), 'terminate loader')
    await stage.actor('loader').exit({ code: 0 })
    assert.equal(await stage.code, 0)
  })
})

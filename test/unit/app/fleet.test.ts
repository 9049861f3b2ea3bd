import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { type MeasuredChild, openFleet } from '../../../src/app/fleet.ts'
import { type ChildExit, gatewayParts, loaderPart, type Part } from '../../../src/app/supervisor.ts'
import { movableClock } from '../../support/clock.ts'

const [gatewayPart] = gatewayParts(1)
assert.ok(gatewayPart)

function openStage() {
  const exits: ((exit: ChildExit) => void)[] = []
  const answers = new Map<string, Promise<unknown>>()
  const spawn = ({ name }: Part): MeasuredChild => ({
    ready: Promise.resolve(),
    exited: new Promise((resolve) => exits.push(resolve)),
    terminate: () => undefined,
    kill: () => undefined,
    metrics: () => answers.get(name) ?? new Promise(() => undefined),
  })
  return { fleet: openFleet({ clock: movableClock(), spawn }), answers, exits }
}

suite('the processes that run has started', () => {
  test('are asked for metrics, and who does not answer is left out', async () => {
    const { fleet, answers } = openStage()
    answers.set('loader', Promise.resolve([]))
    fleet.spawn(gatewayPart)
    fleet.spawn(loaderPart)
    assert.deepEqual(await fleet.metrics(), [[]])
    let started = 0
    fleet.measure({
      number: (_, value) => {
        started = value
      },
      histogram: () => assert.fail(),
    })
    assert.equal(started, 2)
  })

  test('are asked no more once they ended', async () => {
    const { fleet, answers, exits } = openStage()
    answers.set('gateway', Promise.resolve([]))
    fleet.spawn(gatewayPart)
    assert.equal((await fleet.metrics()).length, 1)
    exits[0]?.({ code: 1, signal: null })
    await Promise.resolve()
    await Promise.resolve()
    assert.deepEqual(await fleet.metrics(), [])
  })
})

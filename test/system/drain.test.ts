/** Senders in the middle of their work while gateways are told to stop: what they see of it. */
import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { BoundSocket } from 'node:net'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pidOf, pidsOf, until, untilStarted } from './inlet-output.ts'
import { openYard, runIsUp, type Yard } from './several-gateways.ts'

let yard: Yard

beforeEach(async () => {
  yard = await openYard()
})
afterEach(() => yard.dispose())

/** Some keep their connection, others open one for each request; all try until it is taken. */
function startSenders() {
  const acknowledged = new Set<string>()
  const failures = new Map<string, number>()
  const over = new AbortController()
  const sending = Array.from({ length: 24 }, async (_, sender) => {
    const agent = sender % 3 === 0 ? undefined : new Agent({ keepAlive: true, maxSockets: 1 })
    for (let number = 0; !over.signal.aborted; number++) {
      const id = `event-${sender}-${number}`
      for (;;) {
        const status = await yard.post(id, agent)
        if (status === 200) break
        failures.set(String(status), (failures.get(String(status)) ?? 0) + 1)
        await sleep(20)
      }
      acknowledged.add(id)
      await sleep(sender)
    }
    agent?.destroy()
  })
  return {
    acknowledged,
    failures,
    async stop() {
      over.abort()
      await Promise.all(sending)
    },
  }
}

/** Nothing that was acknowledged is missing, and nothing is there twice. */
async function assertLanded(acknowledged: ReadonlySet<string>): Promise<void> {
  const rows = await yard.query('SELECT event_id FROM bronze.events')
  const ids = rows.trim().split('\n').slice(1)
  assert.equal(new Set(ids).size, ids.length)
  assert.deepEqual(acknowledged.difference(new Set(ids)), new Set())
  assert.equal((await yard.json('audit')).clean, true)
}

suite('senders at work', () => {
  test('see nothing of gateways that are restarted one after the other', async () => {
    const inlet = yard.start('run', 2)
    await until(inlet, runIsUp)
    const senders = startSenders()
    for (let turn = 0; turn < 3; turn++) {
      const name = `gateway-${turn % 2}`
      const pid = await pidOf(inlet, name)
      const before = pidsOf(inlet, name).length
      process.kill(pid, 'SIGTERM')
      await untilStarted(inlet, name, before + 1)
    }
    await senders.stop()
    assert.deepEqual(senders.failures, new Map())
    inlet.signal('SIGTERM')
    assert.equal(await inlet.ended, 0, inlet.stderr())
    await assertLanded(senders.acknowledged)
  })

  test('see nothing of a single gateway that is restarted: they wait at the door', async () => {
    const inlet = yard.start('run', 1)
    await until(inlet, runIsUp)
    const senders = startSenders()
    process.kill(await pidOf(inlet, 'gateway'), 'SIGTERM')
    await untilStarted(inlet, 'gateway', 2)
    await senders.stop()
    assert.deepEqual(senders.failures, new Map())
    inlet.signal('SIGTERM')
    assert.equal(await inlet.ended, 0, inlet.stderr())
    await assertLanded(senders.acknowledged)
  })

  test('see nothing when all of it is restarted behind a socket of systemd', async () => {
    const socket = new BoundSocket({ host: '127.0.0.1', port: yard.port })
    const first = yard.start('run', 2, socket.fd())
    await until(first, runIsUp)
    const senders = startSenders()
    first.signal('SIGTERM')
    assert.equal(await first.ended, 0, first.stderr())
    const second = yard.start('run', 2, socket.fd())
    await until(second, runIsUp)
    await sleep(200)
    await senders.stop()
    assert.deepEqual(senders.failures, new Map())
    second.signal('SIGTERM')
    assert.equal(await second.ended, 0, second.stderr())
    socket.close()
    await assertLanded(senders.acknowledged)
  })

  test('lose nothing when all of it is stopped and started again', async () => {
    const first = yard.start('run', 2)
    await until(first, runIsUp)
    const senders = startSenders()
    await sleep(500)
    first.signal('SIGTERM')
    assert.equal(await first.ended, 0, first.stderr())
    const second = yard.start('run', 2)
    await until(second, runIsUp)
    await sleep(500)
    await senders.stop()
    // No connection was to be had, or one that the kernel had taken was not taken from it: never an
    // answer that would have a sender give up.
    const refusals = new Set(['ECONNREFUSED', 'ECONNRESET'])
    assert.deepEqual(new Set(senders.failures.keys()).difference(refusals), new Set())
    second.signal('SIGTERM')
    assert.equal(await second.ended, 0, second.stderr())
    await assertLanded(senders.acknowledged)
  })
})

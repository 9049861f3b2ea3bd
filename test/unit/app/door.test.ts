import assert from 'node:assert/strict'
import net, { createServer, type Server } from 'node:net'
import { suite, test } from 'node:test'
import { openDoor } from '../../../src/app/door.ts'
import { systemClock } from '../../../src/core/clock.ts'
import { hasCode } from '../../../src/core/errors.ts'
import { freePort } from '../../../src/core/free-port.ts'

async function listening(port: number): Promise<Server> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return server
}

suite('the door that gateways share', () => {
  test('waits for a port that somebody is letting go of', async () => {
    const port = await freePort()
    const other = await listening(port)
    let waits = 0
    const sleep = async () => {
      if (++waits === 3) await new Promise((resolve) => other.close(resolve))
    }
    const place = { host: '127.0.0.1', port, workers: 2 }
    const door = await openDoor({ clock: { ...systemClock, sleep } }, place)
    assert.ok(door !== null && door.fd > 2)
    assert.equal(waits, 3)
    door.close()
    door.close()
  })

  test('tells of a port that stays taken', async () => {
    const port = await freePort()
    const other = await listening(port)
    const clock = { ...systemClock, sleep: async () => {} }
    await assert.rejects(
      openDoor({ clock }, { host: '127.0.0.1', port, workers: 1 }),
      (error) => hasCode(error, 'INL_ING_LISTEN') && error.message.includes(`127.0.0.1:${port}`),
    )
    other.close()
  })

  test('is left to a single gateway where Node cannot share it; more are refused', async () => {
    const { BoundSocket } = net
    Reflect.deleteProperty(net, 'BoundSocket')
    try {
      const place = { host: '127.0.0.1', port: 0 }
      assert.equal(await openDoor({ clock: systemClock }, { ...place, workers: 1 }), null)
      await assert.rejects(
        openDoor({ clock: systemClock }, { ...place, workers: 2 }),
        (error) => hasCode(error, 'INL_APP_WORKERS') && error.message.includes('2 gateways'),
      )
    } finally {
      Object.assign(net, { BoundSocket })
    }
  })

  test('is whatever a service manager has given, whose port is not bound again', async () => {
    const port = await freePort()
    const other = await listening(port)
    const place = { host: '127.0.0.1', port, workers: 2, given: 3 }
    assert.equal((await openDoor({ clock: systemClock }, place))?.fd, 3)
    other.close()
  })
})

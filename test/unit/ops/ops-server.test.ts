import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Clock } from '../../../src/core/clock.ts'
import { systemClock } from '../../../src/core/clock.ts'
import { freePort } from '../../../src/core/free-port.ts'
import { type OpsServer, openOpsServer } from '../../../src/ops/ops-server.ts'

/** Timers fire when the test says so. */
function openStage(port = 0, metrics = async () => 'inlet_x 1\n') {
  const said: string[] = []
  let tick = () => {}
  const clock: Clock = {
    ...systemClock,
    every: (_, task) => {
      tick = task
      return () => {
        tick = () => {}
      }
    },
  }
  const observer = (event: string) => void said.push(event)
  const headers = { 'Content-Type': 'text/plain; version=0.0.4' }
  const books = { headers: { 'Content-Type': 'text/html' }, read: async () => '<p>books' }
  const pages = { '/metrics': { headers, read: metrics }, '/books': books }
  const options = { host: '127.0.0.1', port, pages, proof: null, isTls: false }
  return { said, server: openOpsServer({ clock, observer }, options), tick: () => tick() }
}

const get = (server: OpsServer, path: string, method = 'GET') =>
  fetch(`http://127.0.0.1:${server.port}${path}`, { method })

const thereIs = 'There is /metrics and /books here.\n'

suite('the port of operators', () => {
  test('serves its pages, and nothing else', async () => {
    const { server, said } = openStage()
    await server.start(new AbortController().signal)
    const response = await get(server, '/metrics')
    assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4')
    assert.equal(await response.text(), 'inlet_x 1\n')
    assert.equal(await (await get(server, '/books')).text(), '<p>books')
    for (const path of ['/other', '/__proto__', '/metrics/', '/']) {
      const other = await get(server, path)
      assert.deepEqual([other.status, await other.text()], [404, thereIs])
    }
    assert.equal((await get(server, '/metrics', 'POST')).status, 405)
    assert.deepEqual(said, ['ops_listening'])
    await server.stop()
    await server.stop()
  })

  test('a reading that fails is told to who asked', async () => {
    const { server } = openStage(0, () => Promise.reject(new Error('no reading')))
    await server.start(new AbortController().signal)
    const response = await get(server, '/metrics')
    assert.deepEqual([response.status, await response.text()], [500, 'no reading\n'])
    await server.stop()
  })

  test('a port that is taken keeps nobody from starting, and is tried again', async () => {
    const port = await freePort()
    const first = openStage(port)
    await first.server.start(new AbortController().signal)
    const second = openStage(port)
    await second.server.start(new AbortController().signal)
    assert.equal(second.server.port, null)
    await first.server.stop()
    second.tick()
    while (second.server.port === null) await systemClock.sleep(5)
    assert.deepEqual(second.said, ['ops_unavailable', 'ops_listening'])
    assert.equal((await get(second.server, '/metrics')).status, 200)
    await second.server.stop()
  })
})

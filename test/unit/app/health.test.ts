import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { judgeHealth } from '../../../src/app/health.ts'

const page = (...processes: string[]) =>
  processes.map((name) => `inlet_x{source="a",process="${name}"} 1\n`).join('')

suite('the health of what runs', () => {
  test('is well where every gateway of it answers', () => {
    const all = ['supervisor', 'gateway-0', 'gateway-1', 'loader']
    assert.deepEqual(judgeHealth(page(...all), 2), {
      healthy: true,
      answered: ['gateway-0', 'gateway-1', 'loader'],
      trouble: null,
    })
    assert.equal(judgeHealth(page('gateway'), 1).healthy, true)
  })

  test('is not while a gateway is silent', () => {
    assert.equal(
      judgeHealth(page('supervisor', 'gateway-0'), 2).trouble,
      'no answer from gateway-1',
    )
    assert.equal(judgeHealth(page('supervisor', 'loader'), 1).trouble, 'no answer from gateway')
    assert.equal(judgeHealth('', 1).healthy, false)
  })

  test('of a loader, channels or sinks by themselves needs no gateway', () => {
    for (const role of ['loader', 'channels', 'sinks'])
      assert.equal(judgeHealth(page(role), 2).healthy, true)
  })
})

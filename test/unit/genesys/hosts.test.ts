import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import {
  endpointsOf,
  hostMeant,
  isDomain,
  isKnownHost,
  isLoopbackHost,
  regionHosts,
} from '../../../src/genesys/hosts.ts'

suite('the hosts of Genesys Cloud', () => {
  test('are three servers of one domain, over HTTPS', () => {
    const { login, api, owns } = endpointsOf('mypurecloud.de')
    assert.equal(login, 'https://login.mypurecloud.de')
    assert.equal(api, 'https://api.mypurecloud.de')
    assert.ok(owns(new URL('wss://streaming.mypurecloud.de/channels/1')))
  })

  test('own no URL of another domain, in clear text, or with a user', () => {
    const { owns } = endpointsOf('mypurecloud.de')
    const foreign = [
      'wss://streaming.mypurecloud.ie/channels/1',
      'wss://mypurecloud.de.evil.example/1',
      'wss://evilmypurecloud.de/1',
      'ws://streaming.mypurecloud.de/1',
      'http://api.mypurecloud.de/1',
      'wss://user@streaming.mypurecloud.de/1',
      'wss://streaming.mypurecloud.de:8443/1',
    ]
    for (const url of foreign) assert.ok(!owns(new URL(url)), url)
  })

  test('on loopback are the simulator, which owns its own port alone', () => {
    const { login, api, owns } = endpointsOf('127.0.0.1:8090')
    assert.deepEqual([login, api], ['http://127.0.0.1:8090', 'http://127.0.0.1:8090'])
    assert.ok(owns(new URL('ws://127.0.0.1:8090/channels/1')))
    assert.ok(!owns(new URL('ws://127.0.0.1:8091/channels/1')))
    assert.ok(!owns(new URL('wss://127.0.0.1:8090/channels/1')))
  })

  test('of every region are known, and what was meant by region or server', () => {
    assert.equal(Object.keys(regionHosts).length, 18)
    for (const [region, host] of Object.entries(regionHosts)) {
      assert.ok(isKnownHost(host) && isDomain(host) && !isLoopbackHost(host), host)
      assert.equal(hostMeant(region), host)
      assert.equal(hostMeant(`https://apps.${host}/directory`), host)
    }
    assert.equal(hostMeant('example.com'), null)
    assert.equal(hostMeant('constructor'), null)
  })

  test('on loopback are addresses, and no names that begin like one', () => {
    for (const host of [
      '127.0.0.1.evil.example:80',
      'localhost.evil:80',
      '127.0.0.1',
      '10.0.0.1:80',
    ])
      assert.ok(!isLoopbackHost(host), host)
    for (const host of ['127.0.0.1:1', 'localhost:8090', '[::1]:8090'])
      assert.ok(isLoopbackHost(host), host)
  })
})

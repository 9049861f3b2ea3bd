import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  addressList,
  parseNetwork,
  plainAddress,
} from '../../../../src/ingress/clients/address-list.ts'

const list = addressList(['203.0.113.0/24', '198.51.100.7', '2001:db8::/32', '::1'])

test('addresses within a network are in the list, those beside it are not', () => {
  for (const address of ['203.0.113.0', '203.0.113.255', '198.51.100.7', '2001:db8:1::9', '::1'])
    assert.ok(list.has(address), address)
  for (const address of ['203.0.112.255', '203.0.114.0', '198.51.100.8', '2001:db9::', '::2'])
    assert.ok(!list.has(address), address)
})

test('what is no address is in no list', () => {
  const all = addressList(['0.0.0.0/0', '::/0'])
  assert.ok(all.has('192.0.2.1') && all.has('2001:db8::1'))
  for (const text of ['', 'unknown', '203.0.113.1, 203.0.113.2', '203.0.113', '203.0.113.1\0'])
    assert.ok(!all.has(text), text)
})

test('an IPv4 address in the form of IPv6 is the IPv4 address', () => {
  assert.equal(plainAddress('::ffff:203.0.113.9'), '203.0.113.9')
  assert.equal(plainAddress('::FFFF:203.0.113.9'), '203.0.113.9')
  assert.equal(plainAddress('::ffff:203.0.113.999'), '::ffff:203.0.113.999')
})

test('brackets, ports and zones are no part of an address', () => {
  assert.equal(plainAddress('[2001:db8::1]:443'), '2001:db8::1')
  assert.equal(plainAddress('[2001:db8::1]'), '2001:db8::1')
  assert.equal(plainAddress('203.0.113.9:5000'), '203.0.113.9')
  assert.equal(plainAddress('fe80::1%eth0'), 'fe80::1')
})

test('a network is an address and how many of its bits count', () => {
  assert.deepEqual(parseNetwork('10.0.0.0/8'), { address: '10.0.0.0', bits: 8 })
  assert.deepEqual(parseNetwork('::1'), { address: '::1', bits: 128 })
  for (const text of ['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '::/129', '10.0.0/8', 'a/8', ''])
    assert.equal(parseNetwork(text), null, text)
  assert.throws(() => addressList(['10.0.0.0/33']), RangeError)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StoredHeaders } from '../../../src/ingress/stored-headers.ts'

const textOf = (stored: StoredHeaders, headers: Readonly<Record<string, string>>) =>
  stored.textOf(new Map(Object.entries(headers)))
const usual = { 'content-type': 'application/json', 'user-agent': 'Sender/1' }

test('only what helps to trace a delivery is stored', () => {
  const text = textOf(new StoredHeaders(['x-api-key']), {
    ...usual,
    'x-api-key': 'secret',
    authorization: 'Bearer secret',
    cookie: 'secret',
    'inin-correlation-id': 'c-1',
  })
  assert.deepEqual(JSON.parse(text), { ...usual, 'inin-correlation-id': 'c-1' })
})

test('a header that carries a proof is not stored, even where it is one of these', () => {
  const headers = { ...usual, 'x-correlation-id': 'the signature' }
  const text = textOf(new StoredHeaders(['x-correlation-id']), headers)
  assert.deepEqual(JSON.parse(text), usual)
})

test('the text is the same for the same headers, and another for others', () => {
  const stored = new StoredHeaders([])
  assert.equal(textOf(stored, {}), '{}')
  const first = textOf(stored, usual)
  assert.equal(textOf(stored, { ...usual, 'content-length': '7' }), first)
  assert.deepEqual(JSON.parse(textOf(stored, { 'user-agent': 'Sender/2' })), {
    'user-agent': 'Sender/2',
  })
  assert.equal(textOf(stored, usual), first)
})

test('a value is cut where it would swell every entry of a batch', () => {
  const text = textOf(new StoredHeaders([]), { 'user-agent': 'x'.repeat(9000) })
  assert.ok(text.length < 300)
})

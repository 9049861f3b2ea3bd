import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { firstId, idAt, objectAt, textAt } from '../../../src/event/fields.ts'
import { objectView } from './views.ts'

describe('members of untrusted objects', () => {
  it('are own members only', () => {
    for (const name of ['constructor', '__proto__', 'toString']) {
      assert.equal(textAt(objectView({}), name), null)
      assert.equal(objectAt(objectView({}), name), null)
    }
    assert.equal(textAt(objectView('{"__proto__":"x"}'), '__proto__'), 'x')
    assert.equal(objectAt(null, 'a'), null)
  })

  it('are texts only where they can be written and compared', () => {
    for (const value of ['', 'x'.repeat(513), '\ud800', 5, null, {}, ['x'], true])
      assert.equal(textAt(objectView({ value }), 'value'), null)
    for (const value of [' ', 'x'.repeat(512), '😀', '\u0000'])
      assert.equal(textAt(objectView({ value }), 'value'), value)
  })

  it('are ids where they are whole numbers that nothing was lost of', () => {
    assert.equal(idAt(objectView({ id: 42 }), 'id'), '42')
    assert.equal(idAt(objectView({ id: 0 }), 'id'), '0')
    for (const id of [2 ** 53, 1.5, 1e300, null]) assert.equal(idAt(objectView({ id }), 'id'), null)
    assert.equal(firstId(objectView({ a: null, b: 7, c: 'x' }), ['a', 'b', 'c']), '7')
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { highest, priorityOf } from '../../../src/event/priority.ts'

const rules = { high: ['customer.end', 'queue.activity'], low: ['attributes', 'customer.end'] }

describe('priority', () => {
  it('is low for repeated states unless a rule says otherwise', () => {
    const none = { high: [], low: [] }
    for (const type of ['queue.observations', 'user.aggregates', 'user.activity'])
      assert.equal(priorityOf(type, none), 'low')
    for (const type of ['customer.end', 'other', 'interaction', 'observations.end'])
      assert.equal(priorityOf(type, none), 'normal')
  })

  it('follows the rules, high before low', () => {
    assert.equal(priorityOf('attributes', rules), 'low')
    assert.equal(priorityOf('customer.end', rules), 'high')
    assert.equal(priorityOf('queue.activity', rules), 'high')
    assert.equal(priorityOf('routing.queue.activity', rules), 'high')
    assert.equal(priorityOf('myqueue.activity', rules), 'low')
  })

  it('of a batch is its highest', () => {
    assert.equal(highest(['low', 'high', 'normal']), 'high')
    assert.equal(highest(['low', 'normal', 'low']), 'normal')
    assert.equal(highest(['low']), 'low')
    assert.equal(highest([]), 'low')
  })
})

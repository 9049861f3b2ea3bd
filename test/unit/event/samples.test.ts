/** Every sample is recognised as `samples/constructed/expected.ndjson` says. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Recognised } from '../../../src/event/envelope.ts'
import { frame } from '../../../src/event/frame.ts'
import { recognise } from '../../../src/event/recognise.ts'

const folder = join(import.meta.dirname, '../../../samples/constructed')

/**
 * `line` counts from 1; 0 is a file that is one body. Members that are left out are not checked.
 */
interface Expected {
  readonly file: string
  readonly line: number
  readonly dialect: string
  /** Null where the id is derived from the content. */
  readonly event_id: string | null
  readonly topic?: string
  readonly event_type?: string
  readonly event_time?: string
  readonly conversation_id: string | null
}

const expectations: Expected[] = readFileSync(join(folder, 'expected.ndjson'), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line))

function sample({ file, line }: Expected): Recognised {
  const { elements } = frame(readFileSync(join(folder, file)), (value, slice) =>
    recognise(value, slice, { eventTypes: new Set() }),
  )
  const element = elements[Math.max(line - 1, 0)]
  assert.ok(element?.kind === 'object')
  return element.value
}

describe('samples', () => {
  it('are all there', () => {
    assert.equal(expectations.length, 33)
  })

  for (const expected of expectations) {
    it(`${expected.file} ${expected.line} is recognised`, () => {
      const found = sample(expected)
      const time = found.eventTime === null ? null : new Date(found.eventTime).toISOString()
      assert.equal(found.dialect, expected.dialect)
      assert.equal(found.conversationId, expected.conversation_id)
      if (expected.event_id !== null) assert.equal(found.eventId, expected.event_id)
      else assert.match(found.eventId, /^[0-9a-f]{64}$/)
      if (expected.topic !== undefined) assert.equal(found.topic, expected.topic)
      if (expected.event_type !== undefined) assert.equal(found.eventType, expected.event_type)
      if (expected.event_time !== undefined) assert.equal(time, expected.event_time)
    })
  }
})

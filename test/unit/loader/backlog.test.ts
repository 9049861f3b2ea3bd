/** What a loader does with more than fits into one commit. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventEntry } from '../../support/entries.ts'
import { openLanding } from '../../support/loader.ts'

/** An event that holds more beside its body than a body's worth. */
function wordyEntry(number: number) {
  const { kind, envelope } = eventEntry(number)
  const topic = `v2.detail.events.conversation.${number}.${'customer.'.repeat(30)}end`
  return { kind, envelope: { ...envelope, topic } }
}

test('a flush lands all that is durable, however much of it is not body', async () => {
  const landing = await openLanding({ commitBytes: 20_000 })
  try {
    await landing.land(Array.from({ length: 500 }, (_, number) => wordyEntry(number)))
    assert.equal((await landing.rows()).length, 500)
    assert.ok(landing.lake.table.version > 5)
  } finally {
    await landing.dispose()
  }
})

/** A writer that comes while the one before it is ending. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { realMachine } from '../../../src/app/machine.ts'
import { hasCode } from '../../../src/core/errors.ts'
import { type LockPatience, openSegmentWriter } from '../../../src/journal/segment/writer.ts'
import { eventEntry } from '../../support/entries.ts'
import { temporaryFolder } from '../../support/temporary.ts'

function waiting(change: Partial<LockPatience> = {}): LockPatience {
  const { signal } = new AbortController()
  return { forMs: 3_600_000, told: () => undefined, signal, ...change }
}

test('a writer waits for the one before it, says so once, and may be told to stop', async (t) => {
  const folder = await temporaryFolder()
  t.after(folder.dispose)
  const open = (patience: LockPatience) =>
    openSegmentWriter(realMachine, {
      ...{ dir: folder.path, partition: 'gateway-0', segmentBytes: 2 ** 20, patience },
      ...{ maxBytes: 2 ** 30, minFree: 0, maxWaitingBytes: 2 ** 20 },
    })
  const first = await open(waiting())
  await first.writer.append([eventEntry(0)])
  await assert.rejects(open(waiting({ forMs: 200 })), (error: Error) => {
    assert.ok(hasCode(error, 'INL_JRN_LOCKED'))
    assert.match(
      error.message,
      /gateway-0 still has another writer after 200ms\..* `fuser \S+lock`/s,
    )
    return true
  })
  const stop = new AbortController()
  const told = () => stop.abort(new Error('told to stop'))
  await assert.rejects(open(waiting({ told, signal: stop.signal })), { message: 'told to stop' })
  let times = 0
  const closing = () => {
    times++
    void first.writer.close()
  }
  const second = await open(waiting({ told: closing }))
  assert.equal(times, 1)
  assert.equal(await second.writer.append([eventEntry(1)]), 1)
  await second.writer.close()
})

/** Whoever has nobody to send it again waits for room. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InletError } from '../../../src/core/errors.ts'
import { createMemoryJournal } from '../../../src/journal/memory-journal.ts'
import { patientWriter } from '../../../src/journal/patient-writer.ts'
import { eventEntry } from '../../support/entries.ts'
import { overWriter } from '../../support/ingress.ts'
import { steppedClock } from '../../support/stepped-clock.ts'

function setUp(failures: InletError[]) {
  const clock = steppedClock()
  const told: string[] = []
  const stopping = new AbortController()
  const memory = createMemoryJournal({ journalId: 'j', partition: 'p' }).openWriter()
  const refusing = overWriter(memory, {
    append(entries) {
      const failure = failures.shift()
      return failure === undefined ? memory.append(entries) : Promise.reject(failure)
    },
  })
  const onFull = (reason: string) => void told.push(reason)
  const patience = { clock, signal: stopping.signal, onFull }
  return { clock, told, stopping, writer: patientWriter(refusing, patience) }
}

const refused = () => new Promise((resolve) => setImmediate(resolve))
const full = () => new InletError('INL_JRN_FULL', { path: 'p', reason: 'it holds all' })

test('an append waits until there is room, and says so meanwhile', async () => {
  const busy = new InletError('INL_JRN_BUSY', { path: 'p', bytes: 1 })
  const { clock, told, writer } = setUp([full(), busy, full()])
  const appended = writer.append([eventEntry(0)])
  await refused()
  await clock.advance(2000)
  assert.equal(await appended, 0)
  assert.equal(writer.durableEnd, 1)
  assert.equal(told.length, 2)
})

test('any other failure is passed on', async () => {
  const { writer } = setUp([new InletError('INL_JRN_WRITE', { path: 'p', reason: 'EIO' })])
  await assert.rejects(writer.append([eventEntry(0)]), /EIO/)
})

test('waiting ends with the signal', async () => {
  const { stopping, writer } = setUp([full(), full()])
  const appended = writer.append([eventEntry(0)])
  await refused()
  stopping.abort(new Error('enough'))
  await assert.rejects(appended, /enough/)
})

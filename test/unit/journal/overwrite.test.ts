import assert from 'node:assert/strict'
import { test } from 'node:test'
import { overwriteRecords } from '../../../src/journal/segment/overwrite.ts'
import { openSegmentReader } from '../../../src/journal/segment/reader.ts'
import { ForgetfulDisk } from '../../simulation/forgetful-files.ts'
import { append, depsOf, folder, place, random } from '../../support/segment-landing.ts'

test('records that have landed are changed in place, and all others stay as they are', async () => {
  const files = new ForgetfulDisk(random).mount()
  await append(files, 0, 9)
  const before = await bodies()
  const wanted = Buffer.from('"event-3"')
  const blank = (bytes: Buffer) => {
    const at = bytes.indexOf(wanted)
    if (at !== -1) bytes.fill('x', at + 1, at + wanted.length - 1)
    return at !== -1
  }
  const rules = { payload: blank, damage: () => false, dryRun: false }
  assert.equal(await overwriteRecords(files, folder, { ...rules, below: 3 }), 0)
  assert.equal(await overwriteRecords(files, folder, { ...rules, below: 4, dryRun: true }), 1)
  assert.deepEqual(await bodies(), before)
  assert.equal(await overwriteRecords(files, folder, { ...rules, below: 4 }), 1)
  const after = await bodies()
  assert.equal(after[3], before[3]?.replace('event-3', 'xxxxxxx'))
  assert.deepEqual(after.toSpliced(3, 1), before.toSpliced(3, 1))
  await append(files, 9, 10)
  assert.equal((await bodies()).length, 10)

  async function bodies(): Promise<string[]> {
    const reader = await openSegmentReader(depsOf(files), place)
    assert.ok(reader)
    const records = await reader.read(0, { records: 100, bytes: 2 ** 20 })
    return records.map((record) => {
      assert.ok(record.kind === 'entry' && record.entry.kind === 'event')
      return Buffer.from(record.entry.envelope.body).toString()
    })
  }
})

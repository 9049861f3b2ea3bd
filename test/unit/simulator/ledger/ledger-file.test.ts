import assert from 'node:assert/strict'
import { appendFile, readFile, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { nodeFiles } from '../../../../src/core/node-files.ts'
import type { LedgerEntry } from '../../../../src/simulator/ledger/ledger.ts'
import { openLedgerFile, readLedger } from '../../../../src/simulator/ledger/ledger-file.ts'
import { temporaryFolder } from '../../../support/temporary.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
before(async () => {
  folder = await temporaryFolder()
})
after(() => folder.dispose())

const sent = (delivery: number): LedgerEntry => ({
  kind: 'sent',
  delivery,
  bodies: [[`e${delivery}`, `${delivery}`.padStart(64, '0'), 'event']],
})
const acknowledged = (delivery: number): LedgerEntry => ({
  kind: 'acknowledged',
  delivery,
  outcome: 'stored',
  counts: {},
})

async function write(path: string, entries: readonly LedgerEntry[]) {
  const file = await openLedgerFile(nodeFiles, path)
  await Promise.all(entries.map((entry) => file.record(entry)))
  await file.close()
}

async function promises(path: string) {
  const ledger = await readLedger(nodeFiles, path)
  return [...ledger.bodies].map(([key, { promised }]) => `${key} ${promised}`)
}

test('what was recorded is read back, in its order', async () => {
  const path = join(folder.path, 'plain')
  const givenUp = { kind: 'given-up', delivery: 2, reason: 'status 400' } as const
  await write(path, [sent(0), sent(1), sent(2), acknowledged(1), givenUp])
  assert.deepEqual(await promises(path), ['e0 nothing', 'e1 kept', 'e2 nothing'])
  const ledger = await readLedger(nodeFiles, path)
  assert.equal(ledger.givenUp, 1)
  assert.equal(ledger.keyOf('1'.padStart(64, '0')), 'e1')
})

test('an entry is with the operating system once it is recorded', async () => {
  const path = join(folder.path, 'at-once')
  const file = await openLedgerFile(nodeFiles, path)
  await file.record(sent(0))
  assert.deepEqual(await promises(path), ['e0 nothing'])
  await file.record(acknowledged(0))
  assert.deepEqual(await promises(path), ['e0 kept'])
  await file.close()
})

test('a sender that starts again goes on with its ledger', async () => {
  const path = join(folder.path, 'again')
  await write(path, [sent(0), acknowledged(0)])
  await write(path, [sent(0), sent(1), acknowledged(1)])
  assert.deepEqual(await promises(path), ['e0 kept', 'e1 kept'])
})

test('a line that was cut short costs itself only, wherever it was cut', async () => {
  const whole = join(folder.path, 'whole')
  await write(whole, [sent(0), sent(1)])
  const { length } = await readFile(whole)
  const firstLine = `${JSON.stringify(sent(0))}\n`.length
  for (const end of [firstLine, firstLine + 1, firstLine + 20, length - 2, length - 1]) {
    const path = join(folder.path, `cut-${end}`)
    await write(path, [sent(0), sent(1)])
    await truncate(path, end)
    await write(path, [sent(2)])
    const kept = end === length - 1 ? ['e0 nothing', 'e1 nothing'] : ['e0 nothing']
    assert.deepEqual(await promises(path), [...kept, 'e2 nothing'])
  }
})

test('lines that are no entries are passed over', async () => {
  const path = join(folder.path, 'strange')
  await write(path, [sent(0)])
  const strange = ['{}', '[]', '7', '{"kind":"sent","delivery":1}', '{"kind":"lost","delivery":1}']
  const bodies = ['[["a"]]', '[["a","b","c"]]', '["abc"]', '7']
  const half = bodies.map((text) => `{"kind":"sent","delivery":1,"bodies":${text}}`)
  await appendFile(path, [...strange, ...half, ''].join('\n'))
  assert.deepEqual(await promises(path), ['e0 nothing'])
})

test('a ledger longer than what is read at a time is read whole', async () => {
  const path = join(folder.path, 'long')
  await write(
    path,
    Array.from({ length: 12_000 }, (_, delivery) => sent(delivery)),
  )
  assert.equal((await promises(path)).length, 12_000)
})

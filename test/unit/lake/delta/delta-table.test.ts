import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeFiles } from '../../../../src/core/node-files.ts'
import { seededRandom } from '../../../../src/core/random.ts'
import type { Change, NewFile } from '../../../../src/lake/delta/commit.ts'
import { openDeltaTable, type TableDeps } from '../../../../src/lake/delta/delta-table.ts'
import { commitKey } from '../../../../src/lake/delta/log-names.ts'
import { memoryStore } from '../../../../src/lake/store/memory-store.ts'
import type { ObjectStore } from '../../../../src/lake/store/object-store.ts'
import { arrivals } from '../../../../src/tables/arrivals.ts'
import { movableClock } from '../../../support/clock.ts'

const key = 'bronze/arrivals'

function newStore() {
  return memoryStore({ files: nodeFiles, clock: movableClock() }, { folder: '/nowhere' })
}

/** As one process: its own randomness. */
function process(store: ObjectStore, seed: number): TableDeps {
  const clock = movableClock()
  return { store, clock, random: seededRandom(seed), readCheckpoint: async () => [] }
}

async function twoWriters() {
  const store = newStore()
  const a = await openDeltaTable(process(store, 1), arrivals)
  const b = await openDeltaTable(process(store, 2), arrivals)
  return { store, a, b }
}

const file = (name: string): NewFile => ({
  key: `outcome=event/date=2026-01-01/${name}.parquet`,
  partitionValues: { outcome: 'event', date: '2026-01-01' },
  size: 1,
  stats: null,
})
const append = (name: string, more: Partial<Change> = {}): Change => ({
  operation: 'WRITE',
  adds: [file(name)],
  ...more,
})

test('a table is created once, however many open it at the same time', async () => {
  const store = newStore()
  const tables = await Promise.all(
    [1, 2, 3].map((seed) => openDeltaTable(process(store, seed), arrivals)),
  )
  assert.deepEqual(
    tables.map(({ version }) => version),
    [0, 0, 0],
  )
  const ids = new Set(tables.map(({ state }) => state.metaData?.id))
  assert.equal(ids.size, 1)
})

test('a commit carries its files, how far the application has come, and its figures', async () => {
  const { a, b } = await twoWriters()
  const txns = [{ appId: 'inlet/j/gateway-0', from: null, to: 2 ** 53 - 1 }]
  const result = await a.commit(append('x', { txns, metrics: { rows: 5 } }))
  assert.deepEqual(result, { kind: 'committed', version: 1 })
  const seen = await b.refresh()
  assert.equal(seen.version, 1)
  assert.deepEqual(
    seen.files.map((one) => one.key),
    [file('x').key],
  )
  assert.equal(b.txn('inlet/j/gateway-0'), 2 ** 53 - 1)
  assert.equal(b.txn('inlet/j/gateway-1'), null)
  const [, commit] = seen.commits
  assert.deepEqual([commit?.operation, commit?.metrics['rows']], ['WRITE', '5'])
})

test('an append that lost the race lands on the next version', async () => {
  const { a, b } = await twoWriters()
  await a.commit(append('x'))
  await a.commit(append('y'))
  assert.deepEqual(await b.commit(append('z')), { kind: 'committed', version: 3 })
  assert.equal((await a.refresh()).files.length, 3)
})

test('of two that advance the same application one conflicts and changes nothing', async () => {
  const { a, b } = await twoWriters()
  const txns = [{ appId: 'app', from: null, to: 10 }]
  await a.commit(append('x', { txns }))
  const result = await b.commit(append('y', { txns }))
  assert.deepEqual(result, { kind: 'conflict', conflict: 'txn', version: 1 })
  assert.equal(b.txn('app'), 10)
  assert.equal((await a.refresh()).version, 1)
})

test('a decision about rows conflicts with rows that came, not with rows that moved', async () => {
  const { a, b } = await twoWriters()
  await a.commit(append('x'))
  const { version, files } = await b.refresh()
  await a.commit({ operation: 'OPTIMIZE', adds: [file('y')], removes: files, dataChange: false })
  const first = await b.commit(append('z', { rowsAsOf: version }))
  assert.deepEqual(first, { kind: 'committed', version: 3 })
  const second = await a.commit(append('w', { rowsAsOf: version }))
  assert.deepEqual(second, { kind: 'conflict', conflict: 'rows', version: 3 })
})

test('a file is removed by one of two that want to', async () => {
  const { a, b } = await twoWriters()
  await a.commit(append('x'))
  const { files: removes } = await b.refresh()
  await a.commit({ operation: 'DELETE', removes })
  const result = await b.commit({ operation: 'OPTIMIZE', adds: [file('y')], removes })
  assert.deepEqual(result, { kind: 'conflict', conflict: 'files', version: 2 })
})

test('overlapping commits of one process take turns', async () => {
  const { a, b } = await twoWriters()
  await Promise.all(['1', '2', '3', '4'].map((name) => a.commit(append(name))))
  assert.equal((await b.refresh()).version, 4)
  assert.equal(b.snapshot().files.length, 4)
})

test('of files that cannot all be published none stays', async () => {
  const store = newStore()
  const full: ObjectStore = {
    ...store,
    publish: async (localPath, name) => {
      if (localPath === 'too much') throw new Error('no space left')
      await store.put(name, Buffer.from(localPath))
    },
  }
  const table = await openDeltaTable(process(full, 1), arrivals)
  const before = await store.list('')
  const facts = { partitionValues: file('').partitionValues, rows: 1, size: 1, stats: null }
  const written = ['one', 'too much', 'two'].map((localPath) => ({ localPath, ...facts }))
  await assert.rejects(table.publish(written), /no space left/)
  assert.deepEqual(await store.list(''), before)
})

test('a commit whose answer was lost is found to have landed', async () => {
  const store = newStore()
  let answers = true
  const broken: ObjectStore = {
    ...store,
    async putIfAbsent(name, bytes) {
      const won = await store.putIfAbsent(name, bytes)
      if (!answers) throw new Error('no answer')
      return won
    },
  }
  const table = await openDeltaTable(process(broken, 1), arrivals)
  const change = append('x', { txns: [{ appId: 'app', from: null, to: 10 }] })
  answers = false
  await assert.rejects(table.commit(change), /no answer/)
  answers = true
  const again = await table.commit(change)
  assert.deepEqual(again, { kind: 'conflict', conflict: 'txn', version: 1 })
  assert.equal(table.txn('app'), 10)
})

test('columns that the stored table lacks are added when it is opened', async () => {
  const store = newStore()
  const older = { ...arrivals, columns: arrivals.columns.slice(0, -1) }
  await openDeltaTable(process(store, 1), older)
  const table = await openDeltaTable(process(store, 2), arrivals)
  assert.equal(table.version, 1)
  assert.match(table.state.metaData?.schemaString ?? '', /"name":"position"/)
  assert.equal((await openDeltaTable(process(store, 3), arrivals)).version, 1)
})

test('a table that asks for more than Inlet speaks is not touched', async () => {
  const { store, b } = await twoWriters()
  const protocol = { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: ['deletionVectors'] }
  await store.putIfAbsent(commitKey(key, 1), Buffer.from(JSON.stringify({ protocol })))
  await assert.rejects(b.commit(append('x')), { code: 'INL_LAK_PROTOCOL' })
  await assert.rejects(openDeltaTable(process(store, 3), arrivals), { code: 'INL_LAK_PROTOCOL' })
})

test('an empty or broken commit is an error that names it', async () => {
  for (const bytes of ['', '{"add":', '\n']) {
    const { store, a } = await twoWriters()
    await store.putIfAbsent(commitKey(key, 1), Buffer.from(bytes))
    const error = { code: 'INL_LAK_TABLE_DAMAGED', message: /0{19}1\.json/ }
    await assert.rejects(a.refresh(), error)
    await assert.rejects(openDeltaTable(process(store, 3), arrivals), error)
  }
})

test('a log with a hole is an error', async () => {
  const { store, a } = await twoWriters()
  for (const name of ['x', 'y', 'z']) await a.commit(append(name))
  await store.remove(commitKey(key, 2))
  await assert.rejects(openDeltaTable(process(store, 3), arrivals), {
    code: 'INL_LAK_TABLE_DAMAGED',
  })
})

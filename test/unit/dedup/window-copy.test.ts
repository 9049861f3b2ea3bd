import assert from 'node:assert/strict'
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { sqliteLocks } from '../../../src/core/lock.ts'
import { nodeFiles } from '../../../src/core/node-files.ts'
import { seededRandom } from '../../../src/core/random.ts'
import { identityKey } from '../../../src/dedup/identity-key.ts'
import { packRow, ROW_WORDS } from '../../../src/dedup/identity-table.ts'
import { IdentityWindow } from '../../../src/dedup/identity-window.ts'
import { WindowCopy } from '../../../src/dedup/window-copy.ts'
import { temporaryFolder } from '../../support/temporary.ts'

const DAY = 86_400_000
const NOON = Date.UTC(2026, 0, 10, 12)
const key = (n: number) => identityKey('s', `id-${n}`)

function rowsOf(from: number, to: number): Uint32Array {
  const rows = new Uint32Array((to - from) * ROW_WORDS)
  for (let n = from; n < to; n++) {
    const value = { bodyHash: [n, n] as const, receivedAt: NOON, position: n, partition: 0 }
    packRow(rows, (n - from) * ROW_WORDS, { key: key(n), value })
  }
  return rows
}

const emptyWindow = () => new IdentityWindow({ span: 5 * DAY, maxBytes: 2 ** 26 })
const point = (version: number) => ({ version, commit: `c${version}`, txns: { app: version } })

interface Made {
  readonly folder: string
  readonly tail: string
  open(): WindowCopy
}

/** Version 0 has the first 10 identities, each version 3 more, all of them in the tail. */
async function withCopy(run: (made: Made) => Promise<void>, versions = 4): Promise<void> {
  const temporary = await temporaryFolder()
  const folder = join(temporary.path, 'window')
  const random = seededRandom(1)
  const open = () =>
    new WindowCopy({ files: nodeFiles, locks: sqliteLocks, random }, { folder, minFree: 0 })
  try {
    const copy = open()
    const window = emptyWindow()
    window.partitionIndex('journal', 'gateway-0')
    await copy.begin('table')
    await copy.write(rowsOf(0, 10))
    await copy.finish(point(0), window)
    for (let version = 1; version < versions; version++) {
      const from = 7 + 3 * version
      await copy.append(rowsOf(from, from + 3), point(version), window)
    }
    await copy.close()
    const { tail = '' } = JSON.parse((await readFile(join(folder, 'manifest'), 'utf8')).slice(9))
    await run({ folder, tail: join(folder, tail), open })
  } finally {
    await temporary.dispose()
  }
}

/** The version that a copy stands for, with exactly what belongs to it; null for none. */
async function standsFor(copy: WindowCopy): Promise<number | null> {
  try {
    const found = await copy.open('table')
    const window = emptyWindow()
    if (found === null || !(await copy.fill(window))) return null
    assert.deepEqual(found, point(found.version))
    assert.equal(window.size, 10 + 3 * found.version)
    for (let n = 0; n < window.size; n++) assert.equal(window.get(key(n))?.position, n)
    return found.version
  } finally {
    await copy.close()
  }
}

test('a copy stands for what was appended last, and goes on from there', () =>
  withCopy(async ({ open }) => {
    assert.equal(await standsFor(open()), 3)
    const copy = open()
    await copy.open('table')
    const window = emptyWindow()
    assert.equal(await copy.fill(window), true)
    assert.deepEqual(window.partitions, [{ journalId: 'journal', partition: 'gateway-0' }])
    await copy.append(rowsOf(19, 22), point(4), window)
    await copy.close()
    assert.equal(await standsFor(open()), 4)
    assert.equal(await open().open('another table'), null)
  }))

test('a tail that is cut at any byte stands for its last whole record', () =>
  withCopy(async ({ open, tail }) => {
    const bytes = await readFile(tail)
    let last = -1
    for (let length = 0; length <= bytes.length; length++) {
      await writeFile(tail, bytes.subarray(0, length))
      const version = await standsFor(open())
      assert.ok(version !== null && version >= last && version <= 3)
      last = version
    }
    assert.equal(last, 3)
  }))

test('a byte that changed anywhere in the tail costs what stands from its record on', () =>
  withCopy(async ({ open, tail }) => {
    const bytes = await readFile(tail)
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 0x10
      await writeFile(tail, changed)
      const version = await standsFor(open())
      assert.ok(version !== null && version < 3)
    }
  }))

test('a byte that changed or is missing elsewhere costs the copy', () =>
  withCopy(async ({ open, folder, tail }) => {
    for (const name of await readdir(folder)) {
      const path = join(folder, name)
      if (path === tail || name === 'lock') continue
      const bytes = await readFile(path)
      for (let at = 0; at < bytes.length; at++) {
        const changed = Buffer.from(bytes)
        changed[at] = (changed[at] ?? 0) ^ 0x10
        await writeFile(path, changed)
        assert.equal(await standsFor(open()), null)
        await truncate(path, at)
        assert.equal(await standsFor(open()), null)
      }
      await writeFile(path, bytes)
    }
    assert.equal(await standsFor(open()), 3)
  }))

test('a copy in the making is none, and leaves nothing behind', () =>
  withCopy(async ({ open, folder }) => {
    const copy = open()
    await copy.begin('table')
    await copy.write(rowsOf(0, 10))
    await copy.close()
    assert.equal(await standsFor(open()), null)
    const next = open()
    await next.begin('table')
    assert.equal((await readdir(folder)).filter((name) => name.endsWith('.rows')).length, 1)
    await next.drop()
    await next.close()
    assert.deepEqual(await readdir(folder), ['lock'])
  }))

test('a disk that is nearly full keeps no copy', async () => {
  const { path, dispose } = await temporaryFolder()
  const deps = { files: nodeFiles, locks: sqliteLocks, random: seededRandom(1) }
  const copy = new WindowCopy(deps, { folder: join(path, 'window'), minFree: 2 ** 60 })
  await assert.rejects(copy.begin('table'), /no room/)
  await copy.close()
  await dispose()
})

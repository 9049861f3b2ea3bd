/** What every store of the lake promises; run by the driver's own test file. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { seededRandom } from '../../src/core/random.ts'
import type { ObjectStore } from '../../src/lake/store/object-store.ts'
import { proveConditionalPut } from '../../src/lake/store/prove-conditional-put.ts'

export interface StoreHarness {
  readonly store: ObjectStore
  /** A folder of the real file system that local files may be published from. */
  readonly scratch: string
  dispose(): Promise<void>
}

const uuid = '2b5f6a0e-7a51-4c57-9a61-0c4a8f1f2a11'
const bytes = (text: string) => Buffer.from(text)

export function objectStoreContract(name: string, open: () => Promise<StoreHarness>): void {
  const scenario = (title: string, run: (harness: StoreHarness) => Promise<void>) =>
    test(`${name}: ${title}`, async () => {
      const harness = await open()
      try {
        await run(harness)
      } finally {
        await harness.dispose()
      }
    })

  scenario('publishes a local file whole and takes the local one away', async (harness) => {
    const { store, scratch } = harness
    const local = join(scratch, 'a.parquet')
    await writeFile(local, 'content')
    await store.publish(local, 'bronze/arrivals/outcome=event/date=2026-01-01/a.parquet')
    const found = await store.get('bronze/arrivals/outcome=event/date=2026-01-01/a.parquet')
    assert.equal(found?.toString(), 'content')
    await assert.rejects(readFile(local), { code: 'ENOENT' })
  })

  scenario('never overwrites by publishing', async ({ store, scratch }) => {
    await store.putIfAbsent('t/a', bytes('first'))
    const local = join(scratch, 'second')
    await writeFile(local, 'second')
    await assert.rejects(store.publish(local, 't/a'))
    assert.equal((await store.get('t/a'))?.toString(), 'first')
  })

  scenario('lets exactly one of many racing callers put a key', async ({ store }) => {
    const callers = Array.from({ length: 20 }, (_, caller) => String(caller))
    const won = await Promise.all(callers.map((caller) => store.putIfAbsent('t/1', bytes(caller))))
    const winners = callers.filter((_, caller) => won[caller])
    assert.equal(winners.length, 1)
    assert.equal((await store.get('t/1'))?.toString(), winners[0])
  })

  scenario('replaces an object by putting it', async ({ store }) => {
    await store.put('t/hint', bytes('old'))
    await store.put('t/hint', bytes('new'))
    assert.equal((await store.get('t/hint'))?.toString(), 'new')
  })

  scenario('answers null for what is not there and can remove it', async (harness) => {
    const { store } = harness
    assert.equal(await store.get('t/none'), null)
    await store.remove('t/none')
    await store.put('t/some', bytes('x'))
    await store.remove('t/some')
    assert.equal(await store.get('t/some'), null)
  })

  scenario('lists by prefix in the order of keys, after a key', async ({ store }) => {
    const keys = ['t/_log/10.json', 't/_log/2.json', 't/a=b/x', 't/a=b/y/z', 't/a', 'u/1', 't-1']
    for (const key of keys) await store.put(key, bytes(key))
    const list = async (prefix: string, after?: string) =>
      (await store.list(prefix, after)).map(({ key }) => key)
    assert.deepEqual(await list(''), [...keys].sort())
    assert.deepEqual(
      await list('t/'),
      [...keys].sort().filter((key) => key.startsWith('t/')),
    )
    assert.deepEqual(await list('t/_log/', 't/_log/10.json'), ['t/_log/2.json'])
    assert.deepEqual(await list('t/', 't/a=b/x'), ['t/a=b/y/z'])
    assert.deepEqual(await list('t/a', 't/_log/5'), ['t/a', 't/a=b/x', 't/a=b/y/z'])
    assert.deepEqual(await list('none/'), [])
  })

  scenario('lists the size of an object and when it came', async ({ store }) => {
    await store.put('t/a', bytes('12345'))
    const [found] = await store.list('t/')
    assert.equal(found?.size, 5)
    assert.ok((found?.modifiedAt ?? 0) > Date.UTC(2020, 0, 1))
  })

  scenario('lends local paths that hold the objects and end in their keys', async ({ store }) => {
    const keys = ['t/a=1%2F2/b.parquet', 't/c.parquet', `t/a=3/${uuid}.parquet`]
    for (const key of keys) await store.put(key, bytes(key))
    const lease = store.lease()
    for (const [index, path] of (await lease.bring(keys)).entries()) {
      assert.equal(path, lease.pathOf(keys[index] ?? ''))
      assert.ok(path.endsWith(`/${keys[index]}`))
      assert.equal(await readFile(path, 'utf8'), keys[index])
    }
    lease.release()
    lease.release()
  })

  scenario('lends the object that is there', async ({ store }) => {
    const read = async () => {
      const lease = store.lease()
      const [path = ''] = await lease.bring(['t/a=1/b.parquet'])
      const text = await readFile(path, 'utf8')
      lease.release()
      return text
    }
    await store.put('t/a=1/b.parquet', bytes('one'))
    assert.equal(await read(), 'one')
    await store.put('t/a=1/b.parquet', bytes('two'))
    assert.equal(await read(), 'two')
  })

  scenario('refuses keys that leave their place', async ({ store }) => {
    for (const key of ['../out', 'a/../../out', '/etc/passwd', 'a//b', './a', '', 'a\0b']) {
      await assert.rejects(async () => store.get(key), { code: 'INL_LAK_KEY' }, key)
      await assert.rejects(async () => store.lease().bring([key]), { code: 'INL_LAK_KEY' }, key)
    }
  })

  scenario('proves its conditional put and leaves no trace of the proof', async ({ store }) => {
    await proveConditionalPut(store, seededRandom(1))
    assert.deepEqual(await store.list(''), [])
  })
}

import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { type Files, isSystemError } from '../../src/core/files.ts'
import { seededRandom } from '../../src/core/random.ts'
import { crashAt, ForgetfulDisk, ProcessGone, systemError } from './forgetful-files.ts'

const seeds = 200

suite('what a loss of power leaves of bytes', () => {
  test('synced bytes always survive; unsynced ones do, do not, or do in part', async () => {
    const seen = await outcomes(async (files) => {
      const file = await files.open('/a', 'create')
      await file.write(Buffer.from('synced.'), 0)
      await file.sync()
      await files.syncFolder('/')
      await file.write(Buffer.from('more'), 7)
    })
    const texts = [...seen].map((files) => files['/a'] ?? 'no file')
    for (const text of texts) assert.match(text, /^synced\.(m?|\0)(o?|\0)(r?|\0)(e?|\0)$/)
    for (const text of ['synced.', 'synced.more', 'synced.\0\0\0\0'])
      assert.ok(texts.includes(text))
    assert.ok(texts.some((text) => /^synced\.m.*[^e]$/.test(text)))
  })

  test('a file whose name is durable but whose bytes are not may be empty', async () => {
    const seen = await outcomes(async (files) => {
      await put(files, '/a', 'bytes')
      await files.syncFolder('/')
    })
    const texts = new Set([...seen].map((files) => files['/a']))
    for (const text of ['', 'bytes']) assert.ok(texts.has(text))
  })

  test('a synced write survives, and one whose sync failed does in part', async () => {
    const seen = await outcomes(async (files, disk) => {
      const file = await files.open('/a', 'create-synced')
      await files.syncFolder('/')
      await file.write(Buffer.from('synced.'), 0)
      disk.hooks = {
        before: ({ operation, path }) => {
          if (operation === 'sync') fail('EIO', path)
        },
      }
      await assert.rejects(file.write(Buffer.from('more'), 7), { code: 'EIO' })
    })
    const texts = new Set([...seen].map((files) => files['/a'] ?? 'no file'))
    for (const text of texts) assert.match(text, /^synced\.(m?|\0)(o?|\0)(r?|\0)(e?|\0)$/)
    for (const text of ['synced.', 'synced.more']) assert.ok(texts.has(text))
  })

  test('a synced write that is cut in two keeps its first part without the rest', async () => {
    let parts = 0
    for (let seed = 1; seed <= seeds; seed++) {
      const disk = new ForgetfulDisk(seededRandom(seed))
      const files = disk.mount()
      const file = await files.open('/a', 'create-synced')
      await files.syncFolder('/')
      let synced = 0
      disk.hooks = {
        before: ({ operation, path }) => {
          if (operation === 'write' && synced > 0) fail('EIO', path)
        },
        after: ({ operation }) => {
          if (operation === 'sync') synced++
        },
      }
      const isWhole = await file.write(Buffer.from('bytes'), 0).then(
        () => true,
        () => false,
      )
      disk.crash(seededRandom(seed))
      const text = (await disk.mount().readAll('/a')).toString()
      if (isWhole) assert.equal(text, 'bytes')
      else parts++
    }
    assert.ok(parts > 0 && parts < seeds)
  })

  test('an overwrite leaves old sectors beside new ones, never a third thing', async () => {
    const seen = await outcomes(async (files) => {
      const file = await files.open('/a', 'create')
      await file.write(Buffer.alloc(2048, 'o'), 0)
      await file.sync()
      await files.syncFolder('/')
      await file.write(Buffer.alloc(2048, 'n'), 0)
    })
    const texts = [...seen].map((files) => files['/a'] ?? '')
    for (const text of texts) assert.match(text, /^[on]{2048}$/)
    assert.ok(texts.some((text) => /no+n/.test(text)))
  })

  test('an unsynced truncation happened or did not', async () => {
    const seen = await outcomes(async (files) => {
      const file = await files.open('/a', 'create')
      await file.write(Buffer.from('abcdef'), 0)
      await file.sync()
      await files.syncFolder('/')
      await file.truncate(2)
    })
    assert.deepEqual([...seen].map((files) => files['/a']).sort(), ['ab', 'abcdef'])
  })

  test('a sync covers what was done before it was called, not what came while it ran', async () => {
    const seen = await outcomes(async (files, disk) => {
      const file = await files.open('/a', 'create')
      await files.syncFolder('/')
      await file.write(Buffer.from('a'), 0)
      disk.hooks = {
        before: async ({ operation }) => {
          if (operation === 'sync') await file.write(Buffer.from('b'), 1)
        },
      }
      await file.sync()
    })
    const texts = new Set([...seen].map((files) => files['/a']))
    assert.deepEqual([...texts].sort(), ['a', 'a\0', 'ab'])
  })

  test('after a failed sync a later one succeeds, and the bytes are not safe', async () => {
    const seen = await outcomes(async (files, disk) => {
      const file = await files.open('/a', 'create')
      await files.syncFolder('/')
      await file.write(Buffer.from('bytes'), 0)
      disk.hooks = { before: ({ path }) => fail('EIO', path) }
      await assert.rejects(file.sync(), (error) => isSystemError(error, 'EIO'))
      disk.hooks = {}
      await file.sync()
      assert.equal((await files.readAll('/a')).toString(), 'bytes')
    })
    const texts = new Set([...seen].map((files) => files['/a']))
    for (const text of ['', 'bytes']) assert.ok(texts.has(text))
  })
})

test('every byte that a loss of power leaves was written there, or is a zero of growth', () => {
  const change = fc.oneof(
    fc.record({
      kind: fc.constant('write'),
      at: fc.nat(3000),
      length: fc.integer({ min: 1, max: 1500 }),
    }),
    fc.record({ kind: fc.constant('truncate'), at: fc.nat(3000), length: fc.constant(0) }),
    fc.record({ kind: fc.constant('sync'), at: fc.constant(0), length: fc.constant(0) }),
  )
  return fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 12 }), fc.nat(), async (changes, seed) => {
      const disk = new ForgetfulDisk(seededRandom(seed))
      const file = await disk.mount().open('/a', 'create')
      await disk.mount().syncFolder('/')
      const model = new PossibleBytes()
      for (const [index, { kind, at, length }] of changes.entries()) {
        const value = index + 1
        if (kind === 'write') await file.write(Buffer.alloc(length, value), at)
        else if (kind === 'truncate') await file.truncate(at)
        else await file.sync()
        if (kind === 'write') model.write({ at, length, value })
        else if (kind === 'truncate') model.truncate(at)
        else model.sync()
      }
      disk.crash(seededRandom(seed))
      model.check(await disk.mount().readAll('/a'))
    }),
    { numRuns: 300 },
  )
})

suite('what a loss of power leaves of names', () => {
  test('an unsynced create, link or remove happened or did not, each for itself', async () => {
    const seen = await outcomes(async (files) => {
      await put(files, '/old', '')
      await files.syncFolder('/')
      await put(files, '/new', '')
      await files.link('/old', '/linked')
      await files.remove('/old')
    })
    assert.equal(seen.size, 8)
  })

  test('a rename within a folder never leaves both names or none', async () => {
    const seen = await outcomes(async (files) => {
      await putDurably(files, '/a', 'new')
      await putDurably(files, '/b', 'old')
      await files.rename('/a', '/b')
    })
    const worlds = [...seen].map((files) => JSON.stringify(files)).sort()
    assert.deepEqual(worlds, ['{"/a":"new","/b":"old"}', '{"/b":"new"}'])
  })

  test('a rename across folders may leave both names, never none', async () => {
    const seen = await outcomes(async (files) => {
      await files.makeFolder('/from')
      await files.makeFolder('/to')
      await files.syncFolder('/')
      await putDurably(files, '/from/a', 'x')
      await files.rename('/from/a', '/to/a')
    })
    const names = [...seen].map((files) => Object.keys(files).join(' ')).sort()
    assert.deepEqual(names, ['/from/a', '/from/a /to/a', '/to/a'])
  })

  test('a synced departure to another folder has arrived there', async () => {
    const seen = await outcomes(async (files) => {
      await files.makeFolder('/from')
      await files.makeFolder('/to')
      await files.syncFolder('/')
      await putDurably(files, '/from/a', 'x')
      await files.rename('/from/a', '/to/a')
      await files.syncFolder('/from')
    })
    assert.deepEqual([...seen], [{ '/to/a': 'x' }])
  })

  test('a folder that its parent does not hold durably takes everything with it', async () => {
    const seen = await outcomes(async (files) => {
      await files.makeFolder('/a/b')
      await putDurably(files, '/a/b/c', 'x')
      await files.syncFolder('/a')
    })
    assert.deepEqual(new Set([...seen].map((files) => files['/a/b/c'])), new Set(['x', undefined]))
  })

  test('what was synced in every folder above survives', async () => {
    const seen = await outcomes(async (files) => {
      await files.makeFolder('/a/b')
      await putDurably(files, '/a/b/c', 'x')
      for (const folder of ['/a', '/']) await files.syncFolder(folder)
      await files.remove('/a/b/c')
      await files.syncFolder('/a/b')
    })
    assert.deepEqual([...seen], [{}])
  })

  test('both names of a linked file have the bytes that were synced through one', async () => {
    const seen = await outcomes(async (files) => {
      await files.makeFolder('/to')
      await putDurably(files, '/a', 'x')
      await files.link('/a', '/to/b')
      for (const folder of ['/to', '/']) await files.syncFolder(folder)
    })
    assert.deepEqual([...seen], [{ '/a': 'x', '/to/b': 'x' }])
  })
})

suite('a process that is gone', () => {
  test('can do nothing more after the power failed, with files open or new', async () => {
    const disk = new ForgetfulDisk(seededRandom(1))
    const files = disk.mount()
    const file = await files.open('/a', 'create')
    disk.crash(seededRandom(1))
    await assert.rejects(file.write(Buffer.from('x'), 0), ProcessGone)
    await assert.rejects(file.close(), ProcessGone)
    await assert.rejects(files.list('/'), ProcessGone)
    assert.ok(Array.isArray(await disk.mount().list('/')))
  })

  test('leaves what it wrote to others, still unsynced, when it was only killed', async () => {
    const seen = await outcomes(async (files, disk) => {
      const file = await files.open('/a', 'create')
      await files.syncFolder('/')
      await file.write(Buffer.from('x'), 0)
      disk.kill(files)
      await assert.rejects(file.sync(), ProcessGone)
      assert.equal((await disk.mount().readAll('/a')).toString(), 'x')
    })
    assert.deepEqual(new Set([...seen].map((files) => files['/a'])), new Set(['x', '', '\0']))
  })

  test('what survived one loss of power survives the next', async () => {
    for (let seed = 0; seed < seeds; seed++) {
      const disk = new ForgetfulDisk(seededRandom(seed))
      const files = disk.mount()
      await files.makeFolder('/folder')
      await put(files, '/folder/a', 'some bytes')
      disk.crash(seededRandom(seed))
      const first = await contents(disk.mount())
      disk.crash(seededRandom(seed + 1))
      assert.deepEqual(await contents(disk.mount()), first)
    }
  })

  test('the same seed leaves the same', async () => {
    const run = async () => {
      const disk = new ForgetfulDisk(seededRandom(3))
      await put(disk.mount(), '/a', 'x'.repeat(5000))
      disk.crash(seededRandom(4))
      return contents(disk.mount())
    }
    assert.deepEqual(await run(), await run())
  })
})

suite('faults', () => {
  test('a refused call has done nothing, a call that fails afterwards has', async () => {
    const disk = new ForgetfulDisk(seededRandom(1))
    const files = disk.mount()
    disk.hooks = { before: ({ path }) => fail('EIO', path) }
    await assert.rejects(files.makeFolder('/a'), (error) => isSystemError(error, 'EIO'))
    disk.hooks = { after: ({ path }) => fail('EIO', path) }
    await assert.rejects(files.makeFolder('/b'), (error) => isSystemError(error, 'EIO'))
    disk.hooks = {}
    assert.deepEqual(await files.list('/'), ['b'])
  })

  test('a refused write leaves some first part of its bytes', async () => {
    const lengths = new Set<number>()
    for (let seed = 0; seed < seeds; seed++) {
      const disk = new ForgetfulDisk(seededRandom(seed))
      const file = await disk.mount().open('/a', 'create')
      disk.hooks = { before: ({ path }) => fail('ENOSPC', path) }
      await assert.rejects(file.write(Buffer.from('abc'), 0))
      disk.hooks = {}
      lengths.add(await file.size())
    }
    assert.deepEqual([...lengths].sort(), [0, 1, 2, 3])
  })

  test('the power can fail before or after any call', async () => {
    const names: string[][] = []
    for (const when of ['before', 'after'] as const) {
      const disk = new ForgetfulDisk(seededRandom(1))
      const files = disk.mount()
      await files.makeFolder('/a')
      disk.hooks = crashAt(disk, { ordinal: disk.calls, when, random: keepsNothing() })
      await assert.rejects(files.syncFolder('/'), ProcessGone)
      names.push(await disk.mount().list('/'))
    }
    assert.deepEqual(names, [[], ['a']])
  })

  test('a full disk takes what fits and says so', async () => {
    const disk = new ForgetfulDisk(seededRandom(1))
    const files = disk.mount()
    disk.capacity = 10
    const file = await files.open('/a', 'create')
    await file.write(Buffer.alloc(6), 0)
    assert.equal(await files.freeBytes('/'), 4)
    const write = file.write(Buffer.alloc(6), 6)
    await assert.rejects(write, (error) => isSystemError(error, 'ENOSPC'))
    assert.equal(await file.size(), 10)
    await file.write(Buffer.alloc(10), 0)
  })

  test('a sync taken away by its site claims success and makes nothing durable', async () => {
    const sites = new Set<string>()
    const seen = await outcomes(async (files, disk) => {
      disk.hooks = {
        skipSync: ({ site, operation }) => {
          sites.add(`${operation} ${site}`)
          return operation === 'syncFolder'
        },
      }
      await putDurably(files, '/a', 'x')
    })
    assert.deepEqual(new Set([...seen].map((files) => files['/a'])), new Set(['x', undefined]))
    assert.equal(sites.size, 2)
    for (const site of sites)
      assert.match(site, /^(sync|syncFolder) test\/simulation\/forgetful-files\.test\.ts:\d+$/)
  })
})

/**
 * For each byte the values that it may have after a loss of power; `seen` is what a process reads.
 */
class PossibleBytes {
  #seen: number[] = []
  #possible: Set<number>[] = []
  #least = 0

  write({ at, length, value }: { at: number; length: number; value: number }) {
    while (this.#seen.length < at + length) this.#seen.push(0)
    this.#seen.fill(value, at, at + length)
    for (let index = 0; index < at + length; index++) {
      this.#possible[index] ??= new Set([0])
      if (index >= at) this.#possible[index]?.add(value)
    }
  }

  truncate(size: number) {
    while (this.#seen.length < size) this.#seen.push(0)
    this.#seen.length = size
    this.#least = Math.min(this.#least, size)
    for (let index = 0; index < Math.max(size, this.#possible.length); index++) {
      this.#possible[index] ??= new Set([0])
      if (index >= size) this.#possible[index]?.add(0)
    }
  }

  sync() {
    this.#possible = this.#seen.map((value) => new Set([value]))
    this.#least = this.#seen.length
  }

  check(bytes: Buffer) {
    assert.ok(bytes.length >= this.#least && bytes.length <= this.#possible.length)
    for (const [index, byte] of bytes.entries()) assert.ok(this.#possible[index]?.has(byte))
  }
}

type World = Record<string, string>

/** The distinct worlds that losses of power leave after `history`. */
async function outcomes(
  history: (files: Files, disk: ForgetfulDisk) => Promise<void>,
): Promise<Set<World>> {
  const seen = new Map<string, World>()
  for (let seed = 0; seed < seeds; seed++) {
    const disk = new ForgetfulDisk(seededRandom(seed))
    await history(disk.mount(), disk)
    disk.crash(seededRandom(seed + seeds))
    disk.hooks = {}
    const world = await contents(disk.mount())
    seen.set(JSON.stringify(world), world)
  }
  return new Set(seen.values())
}

async function contents(files: Files, folder = ''): Promise<World> {
  const found: World = {}
  for (const name of await files.list(folder === '' ? '/' : folder)) {
    const path = `${folder}/${name}`
    const stat = await files.stat(path)
    if (stat?.isFolder) Object.assign(found, await contents(files, path))
    else found[path] = (await files.readAll(path)).toString()
  }
  return found
}

async function put(files: Files, path: string, text: string) {
  const file = await files.open(path, 'create')
  await file.write(Buffer.from(text), 0)
  await file.close()
}

async function putDurably(files: Files, path: string, text: string) {
  const file = await files.open(path, 'create')
  await file.write(Buffer.from(text), 0)
  await file.sync()
  await file.close()
  await files.syncFolder(path.slice(0, path.lastIndexOf('/')) || '/')
}

function fail(code: 'EIO' | 'ENOSPC', path: string): never {
  throw systemError(code, 'test', path)
}

/** Draws the first of every choice, and never keeps: everything unsynced is lost. */
const keepsNothing = () => ({ ...seededRandom(0), next: () => 0.999, below: () => 0 })

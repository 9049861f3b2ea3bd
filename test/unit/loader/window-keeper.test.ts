/**
 * A window from its copy knows what one from the lake knows, whatever happened to copy and lake.
 * The seed that fast-check prints is the bug report.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { sqliteLocks } from '../../../src/core/lock.ts'
import { systemRandom } from '../../../src/core/random.ts'
import type { Arrival } from '../../../src/tables/arrivals.ts'
import {
  answer,
  copyFolder,
  DAY,
  type KeptWindow,
  openKeptWindow,
} from '../../support/kept-window.ts'
import { arrival, arrivalRange, openTestLake, type TestLake } from '../../support/lake.ts'
import { temporaryFolder } from '../../support/temporary.ts'

const anyFiles = { targetSize: 2 ** 28, smallFiles: 2, settledFiles: 2, settledAfterMs: 0 }

async function scenario(run: (lake: TestLake) => Promise<void>): Promise<void> {
  const lake = await openTestLake()
  try {
    await run(lake)
  } finally {
    await lake.dispose()
  }
}

/** Does something with a kept window, and lets go of it. */
async function kept(
  lake: TestLake,
  use: (kept: KeptWindow) => Promise<void>,
  change: Parameters<typeof openKeptWindow>[1] = {},
): Promise<void> {
  const opened = await openKeptWindow(lake, change)
  try {
    await use(opened)
  } finally {
    await opened.close()
  }
}

/** Opens the window: it must know what one from the lake knows, and come from where it is said. */
async function opensAsTheLake(
  lake: TestLake,
  rows: readonly Arrival[],
  expected: { readonly from: 'copy' | 'lake' | 'either' } & Parameters<typeof openKeptWindow>[1],
): Promise<void> {
  const { from, ...change } = expected
  await kept(
    lake,
    async (opened) => {
      if (from !== 'either') assert.equal(opened.from, from)
      const { window } = opened
      const { window: truth } = await openKeptWindow(lake, { ...change, copied: false })
      const owed = lake.clock.now() - (change.windowMs ?? 5 * DAY)
      assert.ok(window.coversSince <= Math.max(truth.coversSince, owed))
      for (const row of rows)
        if (row.receivedAt >= truth.coversSince)
          assert.deepEqual(answer(window, row), answer(truth, row), String(row.eventId))
    },
    change,
  )
}

test('a start after a stop comes from the copy, and so does the next', () =>
  scenario(async (lake) => {
    await kept(lake, async ({ from, land }) => {
      assert.equal(from, 'lake')
      await land(arrivalRange(0, 10))
      await land(arrivalRange(10, 30))
    })
    const rows = arrivalRange(0, 50)
    await opensAsTheLake(lake, rows, { from: 'copy' })
    await kept(lake, ({ land }) => land(arrivalRange(30, 40)))
    await opensAsTheLake(lake, rows, { from: 'copy' })
    await opensAsTheLake(lake, rows, { from: 'copy' })
  }))

/** Of two partitions, days apart, in steps with what other processes do between them. */
const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ land: fc.nat(40), told: fc.boolean() }) },
    { weight: 2, arbitrary: fc.constantFrom('restart', 'compact', 'checkpoint') },
    { weight: 1, arbitrary: fc.constantFrom('a day', 'clean the log') },
  ),
  { minLength: 3, maxLength: 20 },
)

test('whatever lands, is compacted or passes, copy and lake say the same', async () => {
  await fc.assert(
    fc.asyncProperty(steps, (history) =>
      scenario(async (lake) => {
        const rows: Arrival[] = []
        const next = (count: number) =>
          Array.from({ length: count }, (_, index) => {
            const position = rows.length + index
            const journalPartition = `gateway-${Math.floor(position / 7) % 2}`
            const receivedAt = lake.clock.now() - (position % 3) * 1000
            return arrival(position, { journalPartition, receivedAt })
          })
        let opened = await openKeptWindow(lake)
        try {
          for (const step of history) {
            if (typeof step === 'object') {
              const landed = next(step.land)
              rows.push(...landed)
              // What a loader landed without coming to tell its copy; it would be opened anew.
              if (step.told && landed.length > 0) await opened.land(landed)
              else await lake.land(landed)
              if (!step.told) {
                await opened.close()
                opened = await openKeptWindow(lake)
              }
            } else if (step === 'restart') {
              await opened.close()
              await opensAsTheLake(lake, rows, { from: 'either' })
              opened = await openKeptWindow(lake)
            } else if (step === 'compact') {
              await lake.lake.upkeep.compact(lake.table, { limits: anyFiles })
            } else if (step === 'checkpoint') await lake.lake.upkeep.checkpoint(lake.table)
            else if (step === 'clean the log') {
              lake.clock.advance(2 * DAY)
              await lake.lake.upkeep.cleanLog(lake.table)
            } else lake.clock.advance(DAY)
          }
          await opened.close()
          await opensAsTheLake(lake, rows, { from: 'either' })
        } finally {
          await opened.close()
        }
      }),
    ),
    { numRuns: 12 },
  )
})

test('what landed unheard is read from the lake, wherever compaction put it', () =>
  scenario(async (lake) => {
    await kept(lake, async ({ land }) => {
      for (let from = 0; from < 45; from += 5) await land(arrivalRange(from, from + 5))
    })
    for (let from = 45; from < 90; from += 5) await lake.land(arrivalRange(from, from + 5))
    const { compactedFiles } = await lake.lake.upkeep.compact(lake.table, { limits: anyFiles })
    assert.equal(compactedFiles, 18)
    await opensAsTheLake(lake, arrivalRange(0, 100), { from: 'copy' })
    await opensAsTheLake(lake, arrivalRange(0, 100), { from: 'copy' })
  }))

/** Puts back what `table` was when `saved` was taken, and opens it as a new process would. */
async function rolledBack(lake: TestLake, saved: string): Promise<TestLake> {
  await rm(join(lake.root, 'bronze'), { recursive: true })
  await cp(saved, join(lake.root, 'bronze'), { recursive: true })
  return openTestLake({ root: lake.root, seed: 2, clock: lake.clock })
}

test('a lake that was set back is believed, also once it has grown past the copy', () =>
  scenario(async (lake) => {
    const saved = await temporaryFolder()
    await kept(lake, ({ land }) => land(arrivalRange(0, 10)))
    await cp(join(lake.root, 'bronze'), saved.path, { recursive: true })
    await kept(lake, ({ land }) => land(arrivalRange(10, 20)))
    const back = await rolledBack(lake, saved.path)
    const copy = await temporaryFolder()
    await cp(copyFolder(lake), copy.path, { recursive: true })
    await opensAsTheLake(back, arrivalRange(0, 20), { from: 'lake' })
    const others = arrivalRange(10, 25).map((row) => ({ ...row, eventId: `other-${row.position}` }))
    await back.land(others)
    await back.land(arrivalRange(25, 30))
    await rm(copyFolder(lake), { recursive: true })
    await cp(copy.path, copyFolder(lake), { recursive: true })
    await opensAsTheLake(back, [...arrivalRange(0, 30), ...others], { from: 'lake' })
    await back.dispose()
    await saved.dispose()
    await copy.dispose()
  }))

test('the copy of another table is none', () =>
  scenario(async (lake) => {
    await kept(lake, ({ land }) => land(arrivalRange(0, 10)))
    // Made by another history of chance, it has another id.
    const other = await openTestLake({ root: join(lake.root, 'other'), seed: 3, clock: lake.clock })
    await other.land(arrivalRange(5, 8))
    await mkdir(other.scratch, { recursive: true })
    await cp(copyFolder(lake), copyFolder(other), { recursive: true })
    await opensAsTheLake(other, arrivalRange(0, 10), { from: 'lake' })
    await other.dispose()
  }))

test('events erased, deleted or put there by others are known as the lake knows them', () =>
  scenario(async (lake) => {
    const rows = arrivalRange(0, 12)
    const commit = async (change: { operation: string; adds?: Arrival[]; removes?: boolean }) => {
      const { operation, adds = [], removes = false } = change
      const live = lake.table.snapshot().files
      const writer = await lake.lake.arrivalsWriter()
      const added = await lake.table.publish(await writer.write(adds))
      await lake.table.commit({ operation, adds: added, removes: removes ? live : [] })
    }
    await kept(lake, ({ land }) => land(rows.slice(0, 10)))
    await commit({ operation: 'ERASE', removes: true, adds: rows.slice(3, 10) })
    await opensAsTheLake(lake, rows, { from: 'lake' })
    await commit({ operation: 'INSERT', adds: rows.slice(10) })
    await opensAsTheLake(lake, rows, { from: 'lake' })
    await commit({ operation: 'DELETE', removes: true })
    await opensAsTheLake(lake, rows, { from: 'lake' })
    await opensAsTheLake(lake, rows, { from: 'copy' })
  }))

test('what retention takes before the window leaves the copy as it is', () =>
  scenario(async (lake) => {
    const old = arrivalRange(0, 5).map((row) => ({ ...row, receivedAt: row.receivedAt - 9 * DAY }))
    await lake.land(old)
    await kept(lake, ({ land }) => land(arrivalRange(5, 10)))
    const removes = lake.table.snapshot().files.filter((file) => {
      return (file.partitionValues['date'] ?? '') < '2026-01-01'
    })
    assert.equal(removes.length, 1)
    await lake.table.commit({ operation: 'DELETE', removes })
    await opensAsTheLake(lake, [...old, ...arrivalRange(5, 10)], { from: 'copy' })
  }))

test('another window or other scopes make the copy one of something else', () =>
  scenario(async (lake) => {
    const rows = arrivalRange(0, 10)
    await kept(lake, ({ land }) => land(rows))
    await opensAsTheLake(lake, rows, { from: 'lake', windowMs: 4 * DAY })
    await opensAsTheLake(lake, rows, { from: 'copy', windowMs: 4 * DAY })
    const sources = [{ name: 'genesys-prod', scope: 'all' }]
    await opensAsTheLake(lake, rows, { from: 'lake', windowMs: 4 * DAY, sources })
  }))

test('a copy that another process holds stays as it is, and the loader goes without', () =>
  scenario(async (lake) => {
    await kept(lake, ({ land }) => land(arrivalRange(0, 10)))
    const held = sqliteLocks.acquire(join(copyFolder(lake), 'lock'))
    await kept(lake, async ({ from, told, land }) => {
      assert.equal(from, 'lake')
      assert.ok(told.includes('loader_window_copy_failed'))
      await land(arrivalRange(10, 15))
    })
    held?.release()
    await opensAsTheLake(lake, arrivalRange(0, 20), { from: 'copy' })
  }))

test('segments of which the window has let go are removed', () =>
  scenario(async (lake) => {
    await kept(lake, async ({ window, land }) => {
      const most: number[] = []
      for (let day = 0; day < 20; day++) {
        const receivedAt = lake.clock.now()
        const rows = arrivalRange(day * 40, day * 40 + 40).map((row) => ({ ...row, receivedAt }))
        await land(rows)
        window.advance(receivedAt)
        most.push((await readdir(copyFolder(lake))).length)
        lake.clock.advance(DAY)
      }
      assert.ok(Math.max(...most) <= 12, String(most))
    })
    const times = (position: number) => Date.UTC(2026, 0, 2, 12) + Math.floor(position / 40) * DAY
    const rows = arrivalRange(0, 800).map((row) => ({ ...row, receivedAt: times(row.position) }))
    await opensAsTheLake(lake, rows, { from: 'copy' })
  }))

test('cut or changed anywhere, the copy says nothing that the lake does not', () =>
  scenario(async (lake) => {
    await kept(lake, async ({ land }) => {
      for (let from = 0; from < 90; from += 6) await land(arrivalRange(from, from + 6))
    })
    const folder = copyFolder(lake)
    const names = (await readdir(folder)).filter((name) => name !== 'lock')
    const whole = await Promise.all(names.map((name) => readFile(join(folder, name))))
    assert.ok(names.length > 3)
    const damage = fc.record({ file: fc.nat(names.length - 1), at: fc.nat(1200), bit: fc.nat(8) })
    await fc.assert(
      fc.asyncProperty(damage, async ({ file, at, bit }) => {
        for (const name of await readdir(folder)) if (name !== 'lock') await rm(join(folder, name))
        for (const [index, name] of names.entries()) {
          const bytes = Buffer.from(whole[index] ?? [])
          const place = at % bytes.length
          // The ninth bit stands for a file that ends there.
          const hit = index === file ? place : -1
          if (hit >= 0 && bit < 8) bytes[hit] = (bytes[hit] ?? 0) ^ (1 << bit)
          const end = hit >= 0 && bit === 8 ? hit : bytes.length
          await writeFile(join(folder, name), bytes.subarray(0, end))
        }
        await opensAsTheLake(lake, arrivalRange(0, 100), { from: 'either' })
      }),
      { numRuns: 30 },
    )
  }))

const script = fileURLToPath(new URL('../../support/window-process.ts', import.meta.url))

test('a loader that is killed at any moment leaves a copy that is true', () =>
  scenario(async (lake) => {
    const random = systemRandom
    for (let round = 0; round < 4; round++) {
      const child = spawn(process.execPath, [script, lake.root], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      // It is opened, then something has landed.
      const enough = 2 + random.below(40)
      let lines = 0
      for await (const chunk of child.stdout) {
        lines += String(chunk).split('\n').length - 1
        if (lines >= enough) child.kill('SIGKILL')
      }
      if (child.signalCode === null && child.exitCode === null) await once(child, 'exit')
      assert.equal(child.signalCode, 'SIGKILL')
      await lake.table.refresh()
      const landed = Math.max(0, ...lake.table.snapshot().txns.values())
      assert.ok(landed > 0)
      await opensAsTheLake(lake, arrivalRange(0, landed + 20), { from: 'either' })
    }
  }))

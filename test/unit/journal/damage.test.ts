/** What damage to the files of a partition costs: at most the record that it stands in. */
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { systemClock } from '../../../src/core/clock.ts'
import { hasCode } from '../../../src/core/errors.ts'
import type { Files } from '../../../src/core/files.ts'
import { seededRandom } from '../../../src/core/random.ts'
import type { JournalRecord } from '../../../src/journal/entry.ts'
import {
  GROUP_HEADER_BYTES,
  RECORD_HEADER_BYTES,
  readGroupHeader,
  SEGMENT_HEADER_BYTES,
  writeGroupHeader,
} from '../../../src/journal/segment/format.ts'
import { durableMarkPath, listSegments } from '../../../src/journal/segment/layout.ts'
import { openSegmentReader } from '../../../src/journal/segment/reader.ts'
import { openSegmentWriter } from '../../../src/journal/segment/writer.ts'
import { ForgetfulDisk } from '../../simulation/forgetful-files.ts'
import { eventEntry } from '../../support/entries.ts'
import { memoryLocks } from '../../support/memory-locks.ts'

const random = seededRandom(1)
const limits = { maxBytes: 2 ** 30, minFree: 0, maxWaitingBytes: 2 ** 20, segmentBytes: 2 ** 20 }
const place = { dir: '/journal', partition: 'gateway-0' }
const folder = '/journal/gateway-0'
const all = { records: 10_000, bytes: 2 ** 30 }
const GROUPS = 3
const PER_GROUP = 2

let path: string
let original: Buffer
let mark: Buffer

/** A journal of three groups of two, closed, with its mark: the thing that gets damaged. */
before(async () => {
  const files = new ForgetfulDisk(random).mount()
  const writer = await openWriter(files)
  for (let group = 0; group < GROUPS; group++) {
    await writer.append([0, 1].map((n) => eventEntry(group * PER_GROUP + n)))
  }
  await writer.close()
  path = (await segments(files))[0] ?? ''
  original = await files.readAll(path)
  mark = await files.readAll(durableMarkPath(folder))
})

test('cut at every byte of its last group, the journal recovers all before it', async () => {
  const last = groupOffsets().at(-1) ?? 0
  for (let size = last; size < original.length; size++) {
    const copy = await damaged((bytes) => bytes.subarray(0, size), { forgetMark: true })
    const { writer, reports } = await openSegmentWriter(deps(copy), { ...place, ...limits })
    assert.equal(reports.length > 0, size > last, `cut at ${size}: ${reports}`)
    const next = (GROUPS - 1) * PER_GROUP
    assert.equal(await writer.append([eventEntry(99)]), next, `cut at ${size}`)
    await writer.close()
    const records = await readAll(copy)
    assert.deepEqual(ids(records), [...numbers(next), 'event-99'], `cut at ${size}`)
  }
})

test('a flipped byte anywhere costs at most its record and is told of', async () => {
  const places = landmarks()
  for (let at = 0; at < original.length; at++) {
    const copy = await damaged((bytes) => flip(bytes, at))
    const records = await readAll(copy)
    assert.deepEqual(
      records.map((record) => record.position),
      [...records.keys()],
      `flipped at ${at}`,
    )
    assert.equal(records.length, GROUPS * PER_GROUP, `flipped at ${at}`)
    const lost = records.filter((record) => record.kind === 'damaged')
    const hit = places.recordAt(at)
    assert.deepEqual(
      lost.map((record) => record.position),
      hit === null ? [] : [hit],
      `flipped at ${at}`,
    )
    for (const record of records) {
      if (record.kind === 'entry') assert.equal(ids([record])[0], `event-${record.position}`)
    }
  }
})

test('recovery reports damage in every part of a segment and keeps every position', async () => {
  const group = groupOffsets().at(-1) ?? 0
  const parts = {
    'segment header': 20,
    'group header': group + 9,
    'record length': group + GROUP_HEADER_BYTES + 16,
    body: group + GROUP_HEADER_BYTES + RECORD_HEADER_BYTES + 200,
  }
  for (const [part, at] of Object.entries(parts)) {
    const copy = await damaged((bytes) => flip(bytes, at))
    const { writer, reports } = await openSegmentWriter(deps(copy), { ...place, ...limits })
    assert.equal(reports.length, 1, `${part}: ${reports}`)
    assert.equal(await writer.append([eventEntry(50)]), GROUPS * PER_GROUP, part)
    await writer.close()
  }
})

test('a damaged record comes with the bytes that stand in its place', async () => {
  const at = (groupOffsets()[1] ?? 0) + GROUP_HEADER_BYTES + RECORD_HEADER_BYTES + 200
  const copy = await damaged((bytes) => flip(bytes, at))
  const lost = (await readAll(copy)).filter((record) => record.kind === 'damaged')
  assert.equal(lost.length, 1)
  assert.ok(lost[0]?.kind === 'damaged' && Buffer.from(lost[0].bytes).includes('event-2'))
})

test('a body that holds the bytes of a whole segment is not taken for records', async () => {
  const files = new ForgetfulDisk(random).mount()
  const writer = await openWriter(files)
  const { envelope } = eventEntry(0)
  await writer.append([{ kind: 'event', envelope: { ...envelope, body: original } }, eventEntry(1)])
  await writer.close()
  const name = (await segments(files))[0] ?? ''
  const lengthField = SEGMENT_HEADER_BYTES + GROUP_HEADER_BYTES + 17
  await overwrite(files, name, flip(await files.readAll(name), lengthField))
  const records = await readAll(files)
  assert.deepEqual(
    records.map((record) => record.kind),
    ['damaged', 'entry'],
  )
})

test('a torn body that holds the group header of another journal moves no position', async () => {
  const files = new ForgetfulDisk(random).mount()
  const writer = await openWriter(files)
  const { envelope } = eventEntry(0)
  const body = Buffer.alloc(200)
  const journalId = '11111111-1111-4111-8111-111111111111'
  writeGroupHeader(body, 50, { journalId, first: 1000, count: 0, length: 0, writtenAt: 0 })
  await writer.append([eventEntry(0)])
  await writer.append([{ kind: 'event', envelope: { ...envelope, body } }])
  await writer.close()
  const name = (await segments(files))[0] ?? ''
  const file = await files.open(name, 'update')
  await file.truncate((await file.size()) - 60)
  await file.close()
  await files.remove(durableMarkPath(folder))
  const again = await openWriter(files)
  assert.equal(again.durableEnd, 1)
  await again.close()
})

test('a missing segment file is a gap, not a hole', async () => {
  const files = new ForgetfulDisk(random).mount()
  const writer = await openWriter(files, { segmentBytes: 600 })
  for (let n = 0; n < 12; n++) await writer.append([eventEntry(n)])
  await writer.close()
  const names = await segments(files)
  assert.ok(names.length >= 4)
  await files.remove(names[1] ?? '')
  const [first, behind] = [firstOf(names[1]), firstOf(names[2])]
  assert.deepEqual(ids(await readAll(files)), numbers(first))
  await assert.rejects(readAll(files, first), gapOf(first, behind - 1))
  assert.deepEqual(ids(await readAll(files, behind)), numbers(12).slice(behind))
})

test('a segment that was cut short by someone ends in a gap', async () => {
  const copy = await damaged((bytes) => bytes.subarray(0, groupOffsets()[2]))
  const [first, end] = [2 * PER_GROUP, GROUPS * PER_GROUP]
  assert.deepEqual(ids(await readAll(copy)), numbers(first))
  await assert.rejects(readAll(copy, first), gapOf(first, end - 1))
})

function gapOf(from: number, to: number) {
  return (error: unknown) => {
    assert.ok(hasCode(error, 'INL_JRN_GAP'))
    assert.deepEqual(error.details, { partition: 'gateway-0', from, to })
    return true
  }
}

const firstOf = (name = '') => Number(/-(\d+)\.seg$/.exec(name)?.[1])

test('a partition whose every header is lost is refused rather than begun anew', async () => {
  const copy = await damaged((bytes) => bytes.fill(0xaa))
  await assert.rejects(openWriter(copy), (error) => hasCode(error, 'INL_JRN_UNREADABLE'))
})

function deps(files: Files) {
  return { files, locks: memoryLocks(), clock: systemClock, random }
}

async function openWriter(files: Files, change: { segmentBytes?: number } = {}) {
  return (await openSegmentWriter(deps(files), { ...place, ...limits, ...change })).writer
}

/** A disk with the original journal, its segment changed. */
async function damaged(
  change: (bytes: Buffer) => Uint8Array,
  options: { forgetMark?: boolean } = {},
): Promise<Files> {
  const files = new ForgetfulDisk(random).mount()
  await files.makeFolder(folder)
  await create(files, path, change(Buffer.from(original)))
  if (options.forgetMark !== true) await create(files, durableMarkPath(folder), mark)
  return files
}

async function create(files: Files, name: string, bytes: Uint8Array): Promise<void> {
  const file = await files.open(name, 'create')
  await file.write(bytes, 0)
  await file.close()
}

async function overwrite(files: Files, name: string, bytes: Uint8Array): Promise<void> {
  const file = await files.open(name, 'update')
  await file.write(bytes, 0)
  await file.close()
}

async function readAll(files: Files, from = 0): Promise<JournalRecord[]> {
  const reader = await openSegmentReader(deps(files), place)
  if (reader === null) return []
  return await reader.read(from, all).finally(() => reader.close())
}

async function segments(files: Files): Promise<string[]> {
  return (await listSegments(files, folder)).map((segment) => segment.path)
}

function groupOffsets(): number[] {
  const offsets: number[] = []
  for (let at = SEGMENT_HEADER_BYTES; at < original.length; ) {
    offsets.push(at)
    at += GROUP_HEADER_BYTES + (readGroupHeader(original, at)?.length ?? 0)
  }
  return offsets
}

/** Which record, if any, a byte belongs to. */
function landmarks(): { recordAt: (at: number) => number | null } {
  const spans: { from: number; to: number }[] = []
  for (const offset of groupOffsets()) {
    let at = offset + GROUP_HEADER_BYTES
    for (let n = 0; n < PER_GROUP; n++) {
      const to = at + RECORD_HEADER_BYTES + original.readUInt32LE(at + 16)
      spans.push({ from: at, to })
      at = to
    }
  }
  return {
    recordAt(at) {
      const found = spans.findIndex((span) => at >= span.from && at < span.to)
      return found === -1 ? null : found
    },
  }
}

function flip(bytes: Buffer, at: number): Buffer {
  bytes[at] = (bytes[at] ?? 0) ^ 0x10
  return bytes
}

function ids(records: readonly JournalRecord[]): (string | null)[] {
  return records.map((record) =>
    record.kind === 'entry' && record.entry.kind === 'event' ? record.entry.envelope.eventId : null,
  )
}

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `event-${n}`)
}

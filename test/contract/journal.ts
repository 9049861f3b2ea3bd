/**
 * What every journal driver promises; run by the driver's own test file. A harness opens a fresh
 * journal whose writer and readers may be opened again.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasCode } from '../../src/core/errors.ts'
import type { Entry, JournalRecord } from '../../src/journal/entry.ts'
import type { JournalReader, JournalWriter } from '../../src/journal/journal.ts'
import { eventEntry } from '../support/entries.ts'

export interface JournalHarness {
  openWriter(): Promise<JournalWriter>
  openReader(): Promise<JournalReader>
  dispose(): Promise<void>
}

const all = { records: 10_000, bytes: 2 ** 30 }

type Scenario = (title: string, run: (journal: JournalHarness) => Promise<void>) => void

export function journalContract(name: string, open: () => Promise<JournalHarness>): void {
  const scenario: Scenario = (title, run) => {
    test(`${name}: ${title}`, async () => {
      const harness = await open()
      try {
        await run(harness)
      } finally {
        await harness.dispose()
      }
    })
  }
  writing(scenario)
  owning(scenario)
  reading(scenario)
}

function writing(scenario: Scenario) {
  scenario(
    'gives entries back in order, each at its position, exactly as they were',
    async (journal) => {
      const writer = await journal.openWriter()
      const entries = everyKind()
      assert.equal(await writer.append(entries.slice(0, 2)), 0)
      assert.equal(await writer.append(entries.slice(2)), 2)
      assert.equal(writer.durableEnd, entries.length)
      const reader = await journal.openReader()
      const records = await reader.read(0, all)
      assert.deepEqual(
        records.map((record) => record.kind === 'entry' && plain(record.entry)),
        entries.map(plain),
      )
      assert.deepEqual(
        records.map(({ position }) => position),
        [...entries.keys()],
      )
      await reader.close()
      await writer.close()
    },
  )

  scenario('keeps no hold on the bytes of what is durable', async (journal) => {
    const writer = await journal.openWriter()
    const entry = eventEntry(0)
    const before = plain(eventEntry(0))
    await writer.append([entry])
    entry.envelope.body.fill(0)
    entry.envelope.bodySha256.fill(0)
    const reader = await journal.openReader()
    const [record] = await reader.read(0, all)
    assert.deepEqual(record?.kind === 'entry' && plain(record.entry), before)
    await reader.close()
    await writer.close()
  })

  scenario('goes on at the next position after it was closed', async (journal) => {
    const first = await journal.openWriter()
    await first.append([eventEntry(0), eventEntry(1)])
    await first.close()
    const second = await journal.openWriter()
    assert.equal(second.journalId, first.journalId)
    assert.equal(await second.append([eventEntry(2)]), 2)
    const reader = await journal.openReader()
    assert.deepEqual(
      (await reader.read(0, all)).map((record) => record.position),
      [0, 1, 2],
    )
    await second.close()
  })

  scenario('stays the same journal where everything in it was let go of', async (journal) => {
    const first = await journal.openWriter()
    await first.append([eventEntry(0), eventEntry(1)])
    await first.close()
    const idle = await journal.openWriter()
    const reader = await journal.openReader()
    await reader.trim(2)
    await idle.close()
    const next = await journal.openWriter()
    assert.equal(next.journalId, first.journalId)
    assert.equal(await next.append([eventEntry(2)]), 2)
    await next.close()
  })

  scenario(
    'gives concurrent appends positions of their own, neighbours within a call',
    async (journal) => {
      const writer = await journal.openWriter()
      const calls = Array.from({ length: 50 }, (_, call) =>
        writer.append(Array.from({ length: 3 }, (_unused, n) => eventEntry(call * 3 + n))),
      )
      const firsts = await Promise.all(calls)
      const reader = await journal.openReader()
      const records = await reader.read(0, all)
      for (const [call, first] of firsts.entries()) {
        const ids = records.slice(first, first + 3).map(eventId)
        assert.deepEqual(
          ids,
          [0, 1, 2].map((n) => `event-${call * 3 + n}`),
        )
      }
      await writer.close()
    },
  )
}

function owning(scenario: Scenario) {
  scenario('has one writer at a time', async (journal) => {
    const writer = await journal.openWriter()
    await assert.rejects(
      async () => journal.openWriter(),
      (error) => hasCode(error, 'INL_JRN_LOCKED'),
    )
    await writer.close()
  })

  scenario('takes nothing after it was closed', async (journal) => {
    const writer = await journal.openWriter()
    await writer.append([eventEntry(0)])
    await writer.close()
    await assert.rejects(writer.append([eventEntry(1)]), (error) =>
      hasCode(error, 'INL_JRN_CLOSED'),
    )
  })
}

function reading(scenario: Scenario) {
  scenario('reads at least one record and no more than asked for by much', async (journal) => {
    const writer = await journal.openWriter()
    for (let n = 0; n < 10; n++) await writer.append([eventEntry(n)])
    const reader = await journal.openReader()
    const one = await reader.read(0, { records: 100, bytes: 1 })
    assert.equal(one.length, 1)
    const three = await reader.read(1, { records: 3, bytes: 2 ** 30 })
    assert.deepEqual(
      three.map((record) => record.position),
      [1, 2, 3],
    )
    assert.deepEqual((await reader.read(0, all)).length, 10)
    assert.deepEqual(await reader.read(10, all), [])
    await writer.close()
  })

  scenario('refuses to read beyond its end', async (journal) => {
    const writer = await journal.openWriter()
    await writer.append([eventEntry(0)])
    const reader = await journal.openReader()
    await assert.rejects(reader.read(2, all), (error) => hasCode(error, 'INL_JRN_AHEAD'))
    await writer.close()
  })

  scenario('lets go only of what lies below the trimmed position', async (journal) => {
    const writer = await journal.openWriter()
    for (let n = 0; n < 30; n++) await writer.append([eventEntry(n)])
    const reader = await journal.openReader()
    await reader.trim(20)
    const { first, end } = await reader.bounds()
    assert.ok(first <= 20, `first is ${first}`)
    assert.equal(end, 30)
    assert.deepEqual((await reader.read(20, all)).map((record) => record.position)[0], 20)
    if (first > 0) {
      await assert.rejects(reader.read(first - 1, all), (error) => hasCode(error, 'INL_JRN_GAP'))
    }
    await writer.close()
  })
}

function everyKind(): Entry[] {
  const event = eventEntry(0)
  const { envelope } = event
  const odd = { ...envelope, eventId: 'ünï\u0000"', orgId: 'org', topic: 'v2.x', eventTime: null }
  return [
    event,
    { kind: 'event', envelope: { ...odd, conversationId: null, timeless: true } },
    { kind: 'repeat', envelope: { ...envelope, body: Buffer.alloc(0) }, firstPosition: 0 },
    {
      kind: 'unreadable',
      source: 'test',
      sender: 'tester',
      headers: '{}',
      receivedAt: 1_760_000_000_000,
      reason: 'invalid_utf8',
      detail: 'byte 0',
      body: Buffer.from([0xff, 0x00, 0x89, 0x49, 0x4e]),
      bodySha256: Buffer.alloc(32, 7),
    },
    { kind: 'note', source: '', receivedAt: 1_760_000_000_001, reason: 'tally', detail: '{"a":1}' },
  ]
}

/** Byte views as hex, so that a Buffer and a Uint8Array of the same bytes are equal. */
function plain(entry: Entry): unknown {
  return JSON.parse(
    JSON.stringify(entry, (_key, value) => {
      const bytes = value?.type === 'Buffer' ? Buffer.from(value.data) : value
      return bytes instanceof Uint8Array ? Buffer.from(bytes).toString('hex') : bytes
    }),
  )
}

function eventId(record: JournalRecord): string | null {
  return record.kind === 'entry' && record.entry.kind === 'event'
    ? record.entry.envelope.eventId
    : null
}

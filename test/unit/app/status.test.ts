import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { parseConfig } from '../../../src/app/config/load.ts'
import type { Config } from '../../../src/app/config/schema.ts'
import { sinkSchema } from '../../../src/app/config/sinks.ts'
import { type Held, heldPositions } from '../../../src/app/journal-access.ts'
import { realMachine } from '../../../src/app/machine.ts'
import { readStatus } from '../../../src/app/status.ts'
import { makeCertificateAuthority } from '../../../src/core/certificate.ts'
import { seededRandom } from '../../../src/core/random.ts'
import { openSegmentReader } from '../../../src/journal/segment/reader.ts'
import { openSegmentWriter } from '../../../src/journal/segment/writer.ts'
import { keepRefused, refusedEvent, refusedPath } from '../../../src/sinks/refused.ts'
import { otherEvents } from '../../../src/tables/silver.ts'
import { movableClock } from '../../support/clock.ts'
import { eventEntry } from '../../support/entries.ts'
import { temporaryFolder } from '../../support/temporary.ts'

/** When test/support/entries.ts says that its events were received. */
const receivedAt = 1_760_000_000_000
const clock = movableClock(receivedAt + 100_000)
const machine = { ...realMachine, clock }
const silver = { behind: 0, freshnessSeconds: 0 }
const letters = { open: 0, oldestAt: null }

suite('status', () => {
  let folder: { path: string; dispose: () => Promise<void> }
  before(async () => {
    folder = await temporaryFolder()
    const deps = { random: seededRandom(1), now: () => clock.now() }
    const { certificate } = makeCertificateAuthority(deps, { commonName: 'Test root', days: 30 })
    await writeFile(join(folder.path, 'server.pem'), certificate)
  })
  after(() => folder.dispose())

  function configWith(journal: string): Config {
    const text = `
listen: { tls: { certFile: server.pem, keyFile: server.key } }
sources: [{ name: a, path: /a, auth: { apiKey: { secrets: [{ env: KEY }] } } }]
journal: { minFree: 0B, ${journal} }
`
    const loaded = parseConfig(text, join(folder.path, 'inlet.yaml'))
    assert.ok(loaded.ok)
    return loaded.file.config
  }

  test('of nothing is nothing, and no time until it is full', async () => {
    const config = configWith('dir: ./empty')
    const status = await readStatus(machine, {
      config,
      readers: [],
      table: null,
      silver,
      gold: silver,
      letters,
    })
    assert.deepEqual(status.journal, {
      lag: 0,
      unlanded: { events: 0, bytes: 0, oldestSeconds: null },
      secondsToFull: null,
      partitions: [],
    })
    assert.deepEqual([status.lake.freshnessSeconds, status.lake.rows], [0, 0])
  })

  test('counts what waits, its age, and when the journal is full at that pace', async () => {
    const config = configWith('dir: ./journal, segmentBytes: 1MiB, maxBytes: 64MiB')
    const { dir, segmentBytes, maxBytes, minFree } = config.journal
    const place = { dir, partition: 'gateway-0', segmentBytes, maxBytes, minFree }
    const { writer } = await openSegmentWriter(machine, { ...place, maxWaitingBytes: 2 ** 20 })
    for (let number = 0; number < 4; number++) await writer.append([eventEntry(number)])
    await writer.close()
    const reader = await openSegmentReader(machine, { dir, partition: 'gateway-0' })
    assert.ok(reader !== null)
    const { journal, lake } = await readStatus(machine, {
      config,
      readers: [reader],
      table: null,
      silver,
      gold: silver,
      letters,
    })
    assert.deepEqual([journal.lag, journal.unlanded.events], [4, 4])
    assert.equal(journal.unlanded.oldestSeconds, 100)
    assert.equal(lake.freshnessSeconds, 100)
    const { bytes } = journal.unlanded
    const total = journal.partitions[0]?.bytes ?? 0
    assert.ok(bytes > 500 && bytes < total)
    assert.equal(journal.secondsToFull, Math.round(((maxBytes - total) * 100) / bytes))
  })

  test('misses nothing that landed and was let go of since the table was read', async () => {
    const config = configWith('dir: ./trimmed')
    const place = { partition: 'gateway-0', maxWaitingBytes: 2 ** 20 }
    for (let number = 0; number < 2; number++) {
      const { writer } = await openSegmentWriter(machine, { ...config.journal, ...place })
      await writer.append([eventEntry(number)])
      await writer.close()
    }
    const reader = await openSegmentReader(machine, { ...config.journal, ...place })
    assert.ok(reader !== null)
    const held = await heldPositions(machine.files, config.journal.dir, [reader])
    await reader.trim(2)
    assert.equal((await reader.bounds()).first, 1)
    const input = { config, readers: [reader], table: null, silver, gold: silver, letters }
    const troubles = async (more: { held?: Map<string, Held> }) =>
      (await readStatus(machine, { ...input, ...more })).journal.partitions.map(
        (one) => one.trouble,
      )
    assert.deepEqual(await troubles({ held }), [null])
    assert.deepEqual(await troubles({}), ['positions 0 to 0 are gone'])
  })

  test('tells how many dead letters are open, and since when', async () => {
    const config = configWith('dir: ./empty')
    const letters = { open: 3, oldestAt: receivedAt }
    const { deadLetters } = await readStatus(machine, {
      config,
      readers: [],
      table: null,
      silver,
      gold: silver,
      letters,
    })
    assert.deepEqual(deadLetters, { open: 3, oldestSeconds: 100 })
  })

  test('tells how many days a certificate is still good', async () => {
    const config = configWith('dir: ./empty')
    const { certificates } = await readStatus(machine, {
      config,
      readers: [],
      table: null,
      silver,
      gold: silver,
      letters,
    })
    assert.deepEqual(
      certificates.map(({ subject, daysLeft }) => [subject, daysLeft]),
      [['Test root', 30]],
    )
  })

  test('names the events that a sink has left out', async () => {
    const config = configWith('dir: ./empty')
    const dir = join(folder.path, 'sinks')
    await mkdir(dir, { recursive: true })
    const stretch = { table: otherEvents, journalId: 'j', partition: 'p', from: 7, to: 8 }
    const event = refusedEvent({ ...stretch, rows: [{ eventId: 'e', json: '{}' }] }, 422, 0)
    await keepRefused(machine.files, refusedPath(dir, 'crm'), [event])
    await keepRefused(machine.files, refusedPath(dir, 'crm'), [event])
    const crm = { name: 'crm', kind: 'https', url: 'https://crm.example.com', dir }
    const sink = sinkSchema.parse(crm)
    const { sinks } = await readStatus(machine, {
      config: { ...config, sinks: [sink] },
      readers: [],
      table: null,
      silver,
      gold: silver,
      letters,
    })
    assert.deepEqual(sinks, [{ name: 'crm', refused: 1, file: refusedPath(dir, 'crm') }])
  })
})

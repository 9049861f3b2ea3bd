import { systemClock } from '../../src/core/clock.ts'
import { sqliteLocks } from '../../src/core/lock.ts'
import { nodeFiles } from '../../src/core/node-files.ts'
import { systemRandom } from '../../src/core/random.ts'
import type { JournalWriter } from '../../src/journal/journal.ts'
import { createMemoryJournal } from '../../src/journal/memory-journal.ts'
import { openSegmentReader } from '../../src/journal/segment/reader.ts'
import { openSegmentWriter } from '../../src/journal/segment/writer.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { journalContract } from './journal.ts'

journalContract('memory', async () => {
  const journal = createMemoryJournal({ journalId: systemRandom.uuid(), partition: 'gateway-0' })
  return {
    openWriter: async () => journal.openWriter(),
    openReader: async () => journal.openReader(),
    dispose: async () => {},
  }
})

journalContract('segment', async () => {
  const folder = await temporaryFolder()
  // A lock that is taken is waited for; a clock that does not wait keeps that short.
  const clock = { ...systemClock, sleep: async () => {} }
  const deps = { files: nodeFiles, locks: sqliteLocks, clock, random: systemRandom }
  const place = { dir: `${folder.path}/journal`, partition: 'gateway-0' }
  let writer: JournalWriter | null = null
  return {
    async openWriter() {
      const limits = { maxBytes: 2 ** 30, minFree: 0, segmentBytes: 4096, maxWaitingBytes: 2 ** 20 }
      writer = (await openSegmentWriter(deps, { ...place, ...limits })).writer
      return writer
    },
    async openReader() {
      const reader = await openSegmentReader(deps, place)
      if (reader === null) throw new Error('the partition holds nothing')
      // Readers learn of what is durable a moment after the writer does.
      while ((await reader.bounds()).end < (writer?.durableEnd ?? 0)) await systemClock.sleep(1)
      return reader
    },
    dispose: folder.dispose,
  }
})

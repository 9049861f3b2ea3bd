/** The least room that a configuration may give its journal. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseConfig } from '../../../../src/app/config/load.ts'
import { systemClock } from '../../../../src/core/clock.ts'
import { nodeFiles } from '../../../../src/core/node-files.ts'
import { systemRandom } from '../../../../src/core/random.ts'
import { defaultLimits } from '../../../../src/ingress/options.ts'
import type { EventEntry } from '../../../../src/journal/entry.ts'
import { GROUP_BYTES } from '../../../../src/journal/segment/group-size.ts'
import { openSegmentReader } from '../../../../src/journal/segment/reader.ts'
import { openSegmentWriter } from '../../../../src/journal/segment/writer.ts'
import { eventEntry } from '../../../support/entries.ts'
import { memoryLocks } from '../../../support/memory-locks.ts'
import { temporaryFolder } from '../../../support/temporary.ts'

const MIB = 2 ** 20

function journalOf(maxBytes: string) {
  const text = `
listen: { host: 127.0.0.1 }
sources: [{ name: one, path: /a, auth: none, limits: { body: 1MiB } }]
journal: { segmentBytes: 1MiB, maxBytes: ${maxBytes}, minFree: 0B }`
  const loaded = parseConfig(text, '/etc/inlet.yaml')
  return loaded.ok ? loaded.file.config.journal : null
}

/** As many bytes of body as events, in one call. */
function call(bytes: number, events: number): EventEntry[] {
  const body = `"${'x'.repeat(Math.floor(bytes / events) - 2)}"`
  const entry = eventEntry(0, { body })
  return Array.from({ length: events }, () => entry)
}

test('the smallest journal that is accepted takes any request once all has landed', async () => {
  const sizes = Array.from({ length: 60 }, (_, index) => index + 4)
  const least = sizes.find((size) => journalOf(`${size}MiB`) !== null) ?? 0
  const journal = journalOf(`${least}MiB`)
  assert.ok(journal !== null && least > 4)
  const folder = await temporaryFolder()
  const deps = { files: nodeFiles, locks: memoryLocks(), clock: systemClock, random: systemRandom }
  const place = { dir: join(folder.path, 'journal'), partition: 'gateway-0' }
  const { segmentBytes, maxBytes, minFree } = journal
  const limits = { segmentBytes, maxBytes, minFree, maxWaitingBytes: 48 * MIB }
  const { writer } = await openSegmentWriter(deps, { ...place, ...limits })
  try {
    const largest = [call(MIB, 1), call(MIB, defaultLimits.batchEvents)]
    for (const request of [...largest, ...largest]) {
      // A segment that is nearly full, then the largest group.
      await writer.append(call(segmentBytes - 4096, 1))
      const begun = writer.append(call(100, 1))
      const joined = Array.from({ length: 4 }, () => writer.append(call(GROUP_BYTES / 4 - 2048, 1)))
      const first = writer.append(request)
      await Promise.all([begun, ...joined, first])
      const reader = await openSegmentReader(deps, place)
      await reader?.trim((await first) + request.length)
      await reader?.close()
    }
  } finally {
    await writer.close()
    await folder.dispose()
  }
})

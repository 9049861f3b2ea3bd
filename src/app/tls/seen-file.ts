/**
 * The client certificates that were seen, in a file beside the segments of the partition that took
 * their events, so that another process can tell how long they are good.
 *
 * Limits: written a few seconds after a change, without a sync. What a crash takes is seen again
 * with the next connection.
 */
import { join } from 'node:path'
import type { Clock } from '../../core/clock.ts'
import type { Files } from '../../core/files.ts'
import type { Lifecycle } from '../../core/lifecycle.ts'
import { replaceFile } from '../../core/replace-file.ts'
import { mergeSeen, type SeenClient } from '../../ingress/clients/seen-clients.ts'
import { listPartitions } from '../../journal/segment/layout.ts'
import { DAY_MS } from './certificates.ts'

const NAME = 'clients.json'
const WRITE_EVERY_MS = 5000
/** A sender that comes no more is forgotten this long after its certificate expired. */
const FORGET_AFTER_MS = 30 * DAY_MS

export interface SeenFileDeps {
  readonly files: Files
  readonly clock: Clock
  readonly ingress: { readonly clientsSeen: readonly SeenClient[] }
}

/** `folder`: of the partition. */
export function seenFile(deps: SeenFileDeps, folder: string): Lifecycle {
  const { files, clock, ingress } = deps
  const path = join(folder, NAME)
  let written = ingress.clientsSeen
  let before: readonly SeenClient[] = []
  let writing: Promise<void> = Promise.resolve()
  let stopTimer = () => {}
  const write = () => {
    const seen = ingress.clientsSeen
    if (seen === written) return
    written = seen
    const fresh = clock.now() - FORGET_AFTER_MS
    const all = mergeSeen(seen, before).filter(({ notAfter }) => notAfter > fresh)
    // Nothing that is answered depends on it: it is tried again with the next change.
    writing = writing
      .then(() => replaceFile(files, path, JSON.stringify(all)))
      .catch(() => undefined)
  }
  return {
    name: 'clients seen',
    async start() {
      before = await readSeen(files, path)
      stopTimer = clock.every(WRITE_EVERY_MS, write)
    },
    async drain() {
      stopTimer()
      write()
      await writing
    },
    async stop() {
      stopTimer()
      await writing
    },
  }
}

/** Of every partition of a journal. */
export async function readAllSeen(files: Files, journalFolder: string): Promise<SeenClient[]> {
  const lists: SeenClient[][] = []
  for (const partition of await listPartitions(files, journalFolder))
    lists.push(await readSeen(files, join(journalFolder, partition, NAME)))
  return mergeSeen(...lists)
}

/** None where there is no such file, or where it is not whole. */
async function readSeen(files: Files, path: string): Promise<SeenClient[]> {
  try {
    const value: unknown = JSON.parse((await files.readAll(path)).toString())
    return Array.isArray(value) ? value.filter(isSeen) : []
  } catch {
    return []
  }
}

function isSeen(value: unknown): value is SeenClient {
  if (typeof value !== 'object' || value === null) return false
  const { source, mapping, fingerprint256, notAfter, seenAt }: Partial<SeenClient> = value
  const texts = [source, mapping, fingerprint256].every((one) => typeof one === 'string')
  return texts && [notAfter, seenAt].every((one) => typeof one === 'number')
}

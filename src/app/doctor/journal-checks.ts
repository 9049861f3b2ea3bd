/** The disk that every acknowledgement waits for: its kind, its room, its speed, its lock. */
import { join } from 'node:path'
import { errorText } from '../../core/errors.ts'
import { formatSize } from '../../core/units.ts'
import { journalBytes, listPartitions, lockPath } from '../../journal/segment/layout.ts'
import type { Config } from '../config/schema.ts'
import { type FileSystem, fileSystemOf } from '../disk-check.ts'
import { isGatewayPartition } from '../journal-access.ts'
import type { Machine } from '../machine.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

type Journal = Config['journal']

const syncs = 32
const syncBytes = 4096
/** With the usual 64 connections, 25 ms a sync keep acknowledgements below 50 ms. */
const slowSyncMs = 25
/** A sync that reaches a disk takes longer than a system call; one that does not is not a sync. */
const unbelievableSyncMs = 0.01

export async function checkJournal(machine: Machine, journal: Journal): Promise<Finding[]> {
  try {
    await machine.files.makeFolder(journal.dir)
  } catch (error) {
    const remedy = 'Make it, or let this user write to the folder above it.'
    return [fail('journal folder', `${journal.dir}: ${errorText(error)}`, remedy)]
  }
  const found = await fileSystemOf(journal.dir)
  return [
    diskKind(journal, found),
    await diskRoom(machine, journal, found),
    await diskSpeed(machine, journal).catch((error: unknown) =>
      fail('journal sync', errorText(error), 'Let this user write to the folder of the journal.'),
    ),
    await writerLock(machine, journal),
  ]
}

export function diskKind(journal: Journal, found: FileSystem): Finding {
  const name = 'journal disk'
  if (found.fleeting === null) return ok(name, `${journal.dir} survives a restart`)
  const detail = `${journal.dir} lies on ${found.fleeting}, which does not survive a restart`
  const remedy = 'Put journal.dir on a disk; in a container, on a volume.'
  return journal.ephemeral
    ? warn(name, `${detail}; journal.ephemeral allows it`, remedy)
    : fail(name, detail, remedy)
}

async function diskRoom({ files }: Machine, journal: Journal, found: FileSystem): Promise<Finding> {
  const used = await journalBytes(files, journal.dir)
  return judgeRoom(journal, { ...found, used })
}

export function judgeRoom(journal: Journal, disk: FileSystem & { used: number }): Finding {
  const name = 'journal room'
  const { minFree, maxBytes } = journal
  const detail = `${formatSize(disk.freeBytes)} free of ${formatSize(disk.totalBytes)}`
  if (minFree >= disk.totalBytes) {
    const remedy = 'Lower journal.minFree, or use a larger disk.'
    return fail(name, `${detail}; journal.minFree ${formatSize(minFree)} is all of it`, remedy)
  }
  if (disk.freeBytes <= minFree) {
    const remedy = 'Make room, or every event is answered 503.'
    return fail(name, `${detail}, less than journal.minFree ${formatSize(minFree)}`, remedy)
  }
  const room = disk.freeBytes - minFree + disk.used
  if (room < maxBytes) {
    const remedy = `Lower journal.maxBytes to ${formatSize(room)}, or give the disk more space.`
    const limit = `${formatSize(maxBytes)} of journal.maxBytes`
    return warn(name, `${detail}: ${limit} do not fit above journal.minFree`, remedy)
  }
  return ok(name, detail)
}

/** Writes and syncs a small file again and again, as the journal does for a single sender. */
async function diskSpeed({ files, clock, random }: Machine, journal: Journal): Promise<Finding> {
  const path = join(journal.dir, `doctor-${random.uuid()}.tmp`)
  const file = await files.open(path, 'create')
  const block = Buffer.alloc(syncBytes, 1)
  const times: number[] = []
  try {
    for (let index = 0; index < syncs; index++) {
      await file.write(block, index * syncBytes)
      const startedAt = clock.elapsed()
      await file.sync()
      times.push(clock.elapsed() - startedAt)
    }
  } finally {
    await file.close()
    await files.remove(path)
  }
  return judgeSpeed(times)
}

export function judgeSpeed(times: readonly number[]): Finding {
  const sorted = times.toSorted((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0
  const longest = sorted.at(-1) ?? 0
  const name = 'journal sync'
  const slowest = `at most ${longest.toFixed(2)} ms of ${times.length}`
  const detail = `fdatasync takes ${median.toFixed(2)} ms, ${slowest}`
  if (median < unbelievableSyncMs) {
    const remedy =
      'Look whether the disk or its driver ignores flushes: a loss of power would cost events.'
    return warn(name, `${detail}: too quick to be true`, remedy)
  }
  if (median > slowSyncMs) {
    return warn(name, detail, 'Use a faster disk: every acknowledgement waits for one sync.')
  }
  return ok(name, detail)
}

async function writerLock(machine: Machine, journal: Journal): Promise<Finding> {
  const name = 'journal lock'
  try {
    const held = await heldPartitions(machine, journal)
    return held.length > 0
      ? ok(name, `a gateway is running and has ${held.join(', ')}`)
      : ok(name, 'no gateway is running')
  } catch (error) {
    const remedy = 'Let this user read and write the folder of the journal.'
    return fail(name, errorText(error), remedy)
  }
}

/** The partitions of gateways that a process writes. */
export async function heldPartitions(
  { files, locks }: Machine,
  journal: Journal,
): Promise<string[]> {
  const partitions = await listPartitions(files, journal.dir)
  return partitions.filter((partition) => {
    if (!isGatewayPartition(partition)) return false
    const lock = locks.acquire(lockPath(join(journal.dir, partition)))
    lock?.release()
    return lock === null
  })
}

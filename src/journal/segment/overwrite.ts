/**
 * Changes records where they stand: for erasure, of what has landed. The only place where a byte of
 * a segment is ever written twice.
 *
 * Guarantee: lengths and positions stay, a changed record is valid, the writer may go on meanwhile:
 * it only appends. A crash in the middle of a record damages that one, which has landed and is read
 * by nobody. What is no valid record, the rest of damage, is handed over as it is.
 */
import type { Files, OpenFile } from '../../core/files.ts'
import {
  crcSeed,
  GROUP_HEADER_BYTES,
  RECORD_HEADER_BYTES,
  readRecordPosition,
  recordEnd,
  SEGMENT_HEADER_BYTES,
  writeRecordHeader,
} from './format.ts'
import { listSegments } from './layout.ts'
import { identifyPartition } from './recover.ts'
import { walkGroups } from './walk.ts'

export interface OverwriteRules {
  /** Positions from here on are left alone: they have not landed. */
  readonly below: number
  /** Only counts what would be changed. */
  readonly dryRun: boolean
  /** Changes the payload in place; true where it did. */
  readonly payload: (payload: Buffer) => boolean
  /** The same for bytes that are no record. */
  readonly damage: (bytes: Buffer) => boolean
}

/** Resolves to how many records were changed, once that is durable. `folder` is a partition's. */
export async function overwriteRecords(
  files: Files,
  folder: string,
  rules: OverwriteRules,
): Promise<number> {
  const segments = await listSegments(files, folder)
  const journalId = await identifyPartition(files, segments)
  if (journalId === null) return 0
  let changed = 0
  for (const { path, first } of segments) {
    if (first >= rules.below) break
    const file = await files.open(path, rules.dryRun ? 'read' : 'update')
    try {
      const inFile = await overwriteIn(file, { first, seed: crcSeed(journalId), rules })
      if (inFile > 0 && !rules.dryRun) await file.sync()
      changed += inFile
    } finally {
      await file.close()
    }
  }
  return changed
}

interface Segment {
  readonly first: number
  readonly seed: number
  readonly rules: OverwriteRules
}

async function overwriteIn(file: OpenFile, { first, seed, rules }: Segment): Promise<number> {
  let changed = 0
  const start = { offset: SEGMENT_HEADER_BYTES, position: first, seed }
  for await (const step of walkGroups(file, start)) {
    if (step.kind === 'tail') break
    const group = Buffer.alloc(step.end - step.offset)
    await file.read(group, step.offset)
    for (const { from, to } of changesIn(group, seed, rules)) {
      if (!rules.dryRun) await file.write(group.subarray(from, to), step.offset + from)
      changed++
    }
  }
  return changed
}

/** The parts of a group that were changed. */
function changesIn(group: Buffer, seed: number, rules: OverwriteRules) {
  const changes: { from: number; to: number }[] = []
  let damageFrom = GROUP_HEADER_BYTES
  let landed = true
  const endDamage = (to: number) => {
    if (landed && to > damageFrom && rules.damage(group.subarray(damageFrom, to)))
      changes.push({ from: damageFrom, to })
  }
  for (let at = GROUP_HEADER_BYTES; at < group.length; ) {
    const end = recordEnd(group, at, seed)
    if (end === -1) {
      at++
      continue
    }
    endDamage(at)
    const position = readRecordPosition(group, at)
    landed = position < rules.below
    if (landed && rules.payload(group.subarray(at + RECORD_HEADER_BYTES, end))) {
      const length = end - at - RECORD_HEADER_BYTES
      writeRecordHeader(group, at, { position, length, seed })
      changes.push({ from: at, to: end })
    }
    at = end
    damageFrom = end
  }
  endDamage(group.length)
  return changes
}

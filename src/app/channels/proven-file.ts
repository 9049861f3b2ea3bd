/**
 * Up to when the channels of each organisation are known to have been open and all that came is
 * durable, in a file beside the segments of their partition: what a process that was killed leaves
 * for the next one, whose first gap begins there.
 *
 * Guarantee: what it says is never later than the truth. It is durable when `write` resolves.
 */
import { join } from 'node:path'
import { type Files, isSystemError } from '../../core/files.ts'
import { replaceDurably } from '../../core/replace-file.ts'

export const channelsPartition = 'channels'

const NAME = 'proven.json'

/** Milliseconds since the epoch, by the name of the organisation. */
export type Proven = ReadonlyMap<string, number>

/** Empty where there is none. */
export async function readProven(files: Files, folder: string): Promise<Proven> {
  try {
    const value: unknown = JSON.parse((await files.readAll(join(folder, NAME))).toString())
    const members = typeof value === 'object' && value !== null ? Object.entries(value) : []
    return new Map(members.filter((one): one is [string, number] => Number.isFinite(one[1])))
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return new Map()
    throw error
  }
}

export async function writeProven(files: Files, folder: string, proven: Proven): Promise<void> {
  await replaceDurably(files, join(folder, NAME), `${JSON.stringify(Object.fromEntries(proven))}\n`)
}

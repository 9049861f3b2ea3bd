/** The folder of a partition: names of its files, and which positions each segment may hold. */
import { type Files, isSystemError } from '../../core/files.ts'

export interface SegmentName {
  readonly path: string
  readonly generation: number
  readonly first: number
}

export const lockPath = (folder: string) => `${folder}/lock`
export const durableMarkPath = (folder: string) => `${folder}/durable`

export function segmentPath(folder: string, generation: number, first: number): string {
  return `${folder}/${String(generation).padStart(10, '0')}-${String(first).padStart(16, '0')}.seg`
}

/** The segments of a partition in writing order; none when the folder does not exist. */
export async function listSegments(files: Files, folder: string): Promise<SegmentName[]> {
  const names = await listOrNothing(files, folder)
  return names.flatMap((name) => {
    const match = /^(\d{10})-(\d{16})\.seg$/.exec(name)
    if (match === null) return []
    return [{ path: `${folder}/${name}`, generation: Number(match[1]), first: Number(match[2]) }]
  })
}

/** The partitions of a journal: folders with at least one segment. */
export async function listPartitions(files: Files, journalFolder: string): Promise<string[]> {
  const partitions: string[] = []
  for (const name of await listFolders(files, journalFolder)) {
    if ((await listSegments(files, `${journalFolder}/${name}`)).length > 0) partitions.push(name)
  }
  return partitions
}

/** All folders that may hold segments, also those that an operator set aside. */
export async function listPartitionFolders(files: Files, journalFolder: string): Promise<string[]> {
  const folders: string[] = []
  for (const name of await listOrNothing(files, journalFolder)) {
    if ((await files.stat(`${journalFolder}/${name}`))?.isFolder === true) folders.push(name)
  }
  return folders
}

/** Bytes of everything in the folders of the partitions. */
export async function journalBytes(files: Files, journalFolder: string): Promise<number> {
  let bytes = 0
  for (const name of await listFolders(files, journalFolder)) {
    bytes += await folderBytes(files, `${journalFolder}/${name}`)
  }
  return bytes
}

/** A name with a dot is a partition that an operator set aside. */
async function listFolders(files: Files, journalFolder: string): Promise<string[]> {
  const folders: string[] = []
  for (const name of await listOrNothing(files, journalFolder)) {
    if (name.includes('.')) continue
    if ((await files.stat(`${journalFolder}/${name}`))?.isFolder === true) folders.push(name)
  }
  return folders
}

/** Bytes of everything in the folder of a partition. */
export async function folderBytes(files: Files, folder: string): Promise<number> {
  let bytes = 0
  for (const name of await listOrNothing(files, folder)) {
    bytes += (await files.stat(`${folder}/${name}`))?.size ?? 0
  }
  return bytes
}

async function listOrNothing(files: Files, folder: string): Promise<string[]> {
  try {
    return await files.list(folder)
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return []
    throw error
  }
}

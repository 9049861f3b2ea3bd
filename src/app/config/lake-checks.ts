/** What folders and buckets of a configuration must be to each other. */
import { resolve } from 'node:path'
import type { Complaint } from './problem.ts'
import type { Sections } from './sections.ts'
import { isBucket } from './storage.ts'

/** Each looks after its folder as if nothing else were in it. */
export function foldersApart({ journal, lake }: Sections): Complaint[] {
  if (journal === null || lake === null) return []
  const { url, bronzeUrl, cacheDir } = lake
  const folders = [
    { key: 'journal.dir', path: ['journal', 'dir'], folder: journal.dir },
    ...(isBucket(url) ? [] : [{ key: 'lake.url', path: ['lake', 'url'], folder: url }]),
    ...(isBucket(url) || bronzeUrl !== undefined
      ? [{ key: 'lake.cacheDir', path: ['lake', 'cacheDir'], folder: cacheDir }]
      : []),
  ]
  return folders.flatMap(({ path, folder }, index) => {
    const other = folders.slice(0, index).find((one) => areNested(folder, one.folder))
    if (other === undefined) return []
    const what = `"${folder}" and ${other.key} "${other.folder}" lie one in the other`
    return [{ path, what, remedy: 'Give each a folder of its own.' }]
  })
}

function areNested(one: string, other: string): boolean {
  const [a, b] = [`${resolve('/', one)}/`, `${resolve('/', other)}/`]
  return a.startsWith(b) || b.startsWith(a)
}

export function bucketsApart({ lake }: Sections): Complaint[] {
  if (lake?.bronzeUrl === undefined || !isBucket(lake.url)) return []
  const [a, b] = [lake.bronzeUrl, lake.url].map((url) => `${url.replace(/\/$/, '')}/`)
  if (a === undefined || b === undefined || !(a.startsWith(b) || b.startsWith(a))) return []
  const what = `"${lake.bronzeUrl}" and lake.url "${lake.url}" lie one in the other`
  return [{ path: ['lake', 'bronzeUrl'], what, remedy: 'Give bronze a bucket of its own.' }]
}

/** They say nothing of a folder. */
export function bucketKeys({ lake }: Sections): Complaint[] {
  if (lake === null || isBucket(lake.url) || lake.bronzeUrl !== undefined) return []
  const keys = (['endpoint', 'region', 'sse'] as const).filter((key) => lake[key] !== undefined)
  return keys.map((key) => ({
    path: ['lake', key],
    what: 'says nothing where the lake is a folder',
    remedy: 'Leave it out, or write a bucket, such as `url: s3://bucket/prefix`.',
  }))
}

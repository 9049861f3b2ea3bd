/** The lake that Inlet writes: DuckDB, what the store promises, and the habits of buckets. */
import { errorText, hasCode } from '../../core/errors.ts'
import { formatSize } from '../../core/units.ts'
import { lakeTables } from '../../tables/lake-tables.ts'
import type { BucketFacts } from '../bucket-facts.ts'
import type { Config } from '../config/schema.ts'
import { isBucket } from '../config/storage.ts'
import { fileSystemOf } from '../disk-check.ts'
import type { OpenLake } from '../lake-access.ts'
import type { Machine } from '../machine.ts'
import { brisk } from '../s3-client.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

/** Loads DuckDB, which needs a binary for this platform, and proves the store as a loader does. */
export async function checkLake(machine: Machine, config: Config): Promise<Finding[]> {
  const access = await import('../lake-access.ts').catch((error: unknown) => error)
  if (!isModule(access)) {
    const remedy = 'Install again on this platform with `npm ci`, optional packages included.'
    return [fail('DuckDB', `cannot be loaded: ${errorText(access)}`, remedy)]
  }
  try {
    const opened = await access.openLakeAt(machine, config, { patience: brisk })
    try {
      const [row] = await opened.engine.rows('SELECT version() AS version')
      const { freeBytes } = await fileSystemOf(opened.scratch)
      const proven = `${opened.store.description} is writable and refuses to write an object twice`
      return [
        ok('DuckDB', String(row?.['version'])),
        ok('lake', `${proven}; ${formatSize(freeBytes)} free here`),
        ...(await checkTables(opened)),
        ...(await opened.buckets()).flatMap(bucketHabits),
      ]
    } finally {
      opened.close()
    }
  } catch (error) {
    return [fail('lake', causeOf(error), remedyFor(config))]
  }
}

/** What another version or engine made of them. */
async function checkTables({ lake }: OpenLake): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const table of lakeTables) {
    try {
      await lake.find(table)
    } catch (error) {
      findings.push(fail('table', errorText(error), 'Until then nothing is written to it.'))
    }
  }
  return findings
}

type LakeAccess = typeof import('../lake-access.ts')

function isModule(value: unknown): value is LakeAccess {
  return typeof value === 'object' && value !== null && 'openLakeAt' in value
}

/** Without the remedy of the error, for which doctor has a better one. */
function causeOf(error: unknown): string {
  if (!hasCode(error, 'INL_LAK_STORE')) return errorText(error)
  return `${error.details['store']} cannot be used: ${error.details['reason']}`
}

function remedyFor({ lake }: Config): string {
  if (!isBucket(lake.url) && lake.bronzeUrl === undefined)
    return 'Let this user write to lake.url, on a file system with hard links.'
  const place = 'See that bucket, region and endpoint are right'
  return `${place}, and that the credentials may read, write, list and delete in it.`
}

export function bucketHabits({ bucket, keepsVersions, lock }: BucketFacts): Finding[] {
  const name = `bucket ${bucket}`
  if (lock?.byDefault) {
    const detail = `locks what is written (${lock.text})`
    const remedy =
      'Locked objects cannot be erased, and compaction keeps both the old files and the new: lock bronze alone, by lake.bronzeUrl, and no longer than you must.'
    return [warn(name, detail, remedy)]
  }
  if (keepsVersions === null)
    return [ok(name, 'may not be asked whether it keeps versions or locks objects')]
  if (!keepsVersions) return [ok(name, 'keeps no versions and locks nothing')]
  const detail = 'keeps older versions: what is removed or erased stays in them'
  const remedy = 'Give it a lifecycle rule that expires noncurrent versions after a day or two.'
  return [warn(name, detail, remedy)]
}

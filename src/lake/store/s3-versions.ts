/**
 * What a bucket that keeps versions has of objects that were removed or replaced, and how it goes:
 * older versions first, then the delete marker of an object of which nothing is left, for else an
 * older version would be the object again.
 *
 * A version that is locked stays, and tells until when. Source: "Deleting object versions from a
 * versioning-enabled bucket" and "How S3 Object Lock works" of the Amazon S3 documentation.
 *
 * Limits: needs s3:GetBucketVersioning, ListBucketVersions, DeleteObjectVersion,
 * GetObjectRetention and GetObjectLegalHold. Nothing that a lock in governance mode holds is
 * removed, whoever may bypass it.
 */
import {
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectLegalHoldCommand,
  GetObjectRetentionCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3'
import type { KeptObject } from './object-store.ts'
import { failureOf, failureText } from './s3-errors.ts'

export interface Versioned {
  readonly client: S3Client
  readonly bucket: string
  /** Below which, whole: with that of the store. */
  readonly prefix: string
}

interface Version {
  readonly key: string
  readonly version: string
  readonly isMarker: boolean
}

/** Resolves to what stays, by whole keys. Rejects where it is not known what became of it. */
export async function removeOldVersions(at: Versioned): Promise<KeptObject[]> {
  const old = await versionsIn(at)
  if (!Array.isArray(old)) return [old]
  const kept: KeptObject[] = []
  for (const one of old.filter(({ isMarker }) => !isMarker)) {
    const refusal = await removeVersion(at, one)
    if (refusal !== null) kept.push(await described(at, one, refusal))
  }
  const stays = new Set(kept.map(({ key }) => key))
  for (const marker of old.filter(({ isMarker, key }) => isMarker && !stays.has(key)))
    await removeVersion(at, marker)
  return kept
}

/** Older versions that a lock holds, by whole keys. Removes nothing. */
export async function lockedVersions(at: Versioned): Promise<KeptObject[]> {
  const old = await versionsIn(at)
  if (!Array.isArray(old)) return [old]
  const locked: KeptObject[] = []
  for (const one of old.filter(({ isMarker }) => !isMarker)) {
    const found = await described(at, one, '')
    if (found.reason !== '') locked.push(found)
  }
  return locked
}

/** Or why they cannot be told. */
async function versionsIn(at: Versioned): Promise<Version[] | KeptObject> {
  if (await neverKeptVersions(at)) return []
  return oldVersions(at).catch((error: unknown) => {
    if (failureOf(error) !== 'refused') throw error
    const reason = `older versions, if there are any, may not be listed: ${failureText(error)}`
    return { key: at.prefix, version: null, until: null, reason }
  })
}

/** False where that may not be asked. */
async function neverKeptVersions({ client, bucket: Bucket }: Versioned): Promise<boolean> {
  const asked = client.send(new GetBucketVersioningCommand({ Bucket }))
  const answer = await asked.catch((error: unknown) => {
    if (failureOf(error) !== 'refused') throw error
    return null
  })
  return answer !== null && answer.Status === undefined
}

async function oldVersions({ client, bucket: Bucket, prefix: Prefix }: Versioned) {
  const old: Version[] = []
  let next: { KeyMarker?: string; VersionIdMarker?: string } | null = {}
  while (next !== null) {
    const page: ListObjectVersionsCommandOutput = await client.send(
      new ListObjectVersionsCommand({ Bucket, Prefix, ...next }),
    )
    for (const { Key: key = '', VersionId: version = 'null', IsLatest } of page.Versions ?? [])
      if (IsLatest !== true) old.push({ key, version, isMarker: false })
    for (const { Key: key = '', VersionId: version = 'null' } of page.DeleteMarkers ?? [])
      old.push({ key, version, isMarker: true })
    const { IsTruncated, NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page
    next = IsTruncated
      ? { ...(KeyMarker && { KeyMarker }), ...(VersionIdMarker && { VersionIdMarker }) }
      : null
  }
  return old
}

/** Why not; null where it is gone. */
async function removeVersion(
  { client, bucket: Bucket }: Versioned,
  { key: Key, version: VersionId }: Version,
): Promise<string | null> {
  try {
    await client.send(new DeleteObjectCommand({ Bucket, Key, VersionId }))
    return null
  } catch (error) {
    const failure = failureOf(error)
    if (failure === 'missing') return null
    if (failure !== 'refused') throw error
    return failureText(error)
  }
}

async function described(
  { client, bucket: Bucket }: Versioned,
  { key, version }: Version,
  refusal: string,
): Promise<KeptObject> {
  const at = { Bucket, Key: key, VersionId: version }
  // Neither a lock nor the right to ask for one: then the refusal itself is all that is known.
  const unknown = () => null
  const locked = await client.send(new GetObjectRetentionCommand(at)).catch(unknown)
  const held = await client.send(new GetObjectLegalHoldCommand(at)).catch(unknown)
  const { Mode, RetainUntilDate } = locked?.Retention ?? {}
  const reasons = [
    ...(Mode === undefined ? [] : [`locked (${Mode})`]),
    ...(held?.LegalHold?.Status === 'ON' ? ['under a legal hold, which has no end'] : []),
  ]
  const reason = reasons.length === 0 ? refusal : reasons.join(', ')
  return { key, version, until: RetainUntilDate?.toISOString() ?? null, reason }
}

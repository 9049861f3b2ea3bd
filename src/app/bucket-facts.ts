/**
 * What a bucket does with objects by itself: whether it keeps older versions, and locks what comes.
 *
 * Limits: needs s3:GetBucketVersioning and s3:GetBucketObjectLockConfiguration; what may not be
 * looked at is null.
 */
import {
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  type S3Client,
} from '@aws-sdk/client-s3'

export interface BucketFacts {
  readonly bucket: string
  readonly keepsVersions: boolean | null
  readonly lock: BucketLock | null
}

export interface BucketLock {
  /** False for a bucket that could lock and locks nothing by itself. */
  readonly byDefault: boolean
  /** `GOVERNANCE` or `COMPLIANCE`, with how long; empty where it locks nothing by itself. */
  readonly text: string
}

export async function lookAtBucket(client: S3Client, bucket: string): Promise<BucketFacts> {
  const Bucket = bucket
  const unknown = () => null
  const versioning = await client.send(new GetBucketVersioningCommand({ Bucket })).catch(unknown)
  const lock = await client.send(new GetObjectLockConfigurationCommand({ Bucket })).catch(unknown)
  const { ObjectLockEnabled, Rule } = lock?.ObjectLockConfiguration ?? {}
  const { Mode, Days, Years } = Rule?.DefaultRetention ?? {}
  const time = Days === undefined ? `${Years} years` : `${Days} days`
  return {
    bucket,
    keepsVersions: versioning && versioning.Status === 'Enabled',
    lock: ObjectLockEnabled
      ? { byDefault: Mode !== undefined, text: Mode === undefined ? '' : `${Mode} for ${time}` }
      : null,
  }
}

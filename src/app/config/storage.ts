/**
 * The keys `journal`, `dedup` and `lake`: where events are kept, and how each comes to be there
 * once.
 */
import { z } from 'zod'
import { parseDuration } from '../../core/units.ts'
import {
  awsName,
  bucketRegion,
  bucketUrl,
  duration,
  endpointUrl,
  filePath,
  flag,
  folderOrBucket,
  oneOf,
  size,
} from './kinds.ts'

export const journal = z
  .strictObject({
    kind: oneOf(['segment'], {
      description: '`segment`: files on a disk of this machine.',
      example: 'segment',
    }).prefault('segment'),
    dir: filePath({
      description: 'The folder of the journal, on a disk that survives a restart.',
      example: '/var/lib/inlet/journal',
    }).prefault('./data/journal'),
    segmentBytes: size({
      description: 'A file of the journal is closed at this size; whole files are let go.',
      example: '64MiB',
      min: '1MiB',
      max: '1GiB',
    }).prefault('64MiB'),
    maxBytes: size({
      description:
        'What the journal may hold, all partitions together; above it senders are answered 503.',
      example: '20GiB',
      min: '4MiB',
      max: '100TiB',
    }).prefault('20GiB'),
    minFree: size({
      description: 'What stays free of the disk; below it senders are answered 503.',
      example: '2GiB',
      min: '0B',
      max: '100TiB',
    }).prefault('2GiB'),
    ephemeral: flag({
      description:
        'Allows a file system that does not survive a restart (tmpfs, the overlay of a container): what has not landed is then lost with it.',
      example: false,
    }).prefault(false),
  })
  .meta({ description: 'The durable queue between the door and the lake.' })

export const dedup = z
  .strictObject({
    window: duration({
      description:
        'How long an identity is remembered; not shorter than any source may retry. Older ones are looked up in the lake.',
      example: '5d',
      min: '1m',
      max: '400d',
    }).prefault('5d'),
    maxBytes: size({
      description: 'Memory of the loader for identities, 32 bytes each; when full, it narrows.',
      example: '1GiB',
      min: '1MiB',
      max: '64GiB',
    }).prefault('1GiB'),
    cache: oneOf(['none', 'memory'], {
      description:
        'Where the gateway remembers what it has taken, so that a repeated delivery costs no disk.',
      example: 'memory',
    }).prefault('memory'),
  })
  .meta({ description: 'How each event comes to be in the lake once.' })

const sse = z
  .union([
    z.enum(['AES256', 'aws:kms']),
    z.strictObject({
      kmsKeyId: awsName({
        description: 'The key of AWS KMS by which objects are encrypted, by its id or ARN.',
        example: 'arn:aws:kms:eu-central-1:111122223333:key/lake',
      }),
    }),
  ])
  .meta({
    title: 'AES256, aws:kms or a key of KMS',
    description:
      'How S3 is told to encrypt objects; without it the bucket decides. `aws:kms` takes the key that AWS keeps for S3.',
    examples: ['AES256', '{ kmsKeyId: alias/lake }'],
  })

/** A commit is three requests there, and every one leaves a small object in the log. */
const defaultCommitEvery = { folder: '5s', bucket: '30s' }

const retention = z
  .strictObject({
    bronze: duration({
      description:
        'How long events, duplicates and dead letters are kept from when they were received. Notes are kept for good: they are the books.',
      example: '400d',
      min: '1d',
      max: '36500d',
    }).prefault('400d'),
    silver: duration({
      description: 'How long rows of silver are kept, from when they happened.',
      example: '400d',
      min: '1d',
      max: '36500d',
    }).prefault('400d'),
  })
  .meta({
    description:
      'What is older is taken out of the tables by whole days, told and noted; its files go with vacuum, two days later.',
  })

export const lake = z
  .strictObject({
    url: folderOrBucket({
      description: 'The folder of the lake, or its bucket and what every key in it begins with.',
      example: 's3://bucket/prefix',
    }).prefault('./data/lake'),
    endpoint: endpointUrl({
      description:
        'The server of the bucket, where that is not Amazon; buckets are then named in the path. AWS_ENDPOINT_URL by default. Credentials are those of the environment, a profile or a role.',
      example: 'https://s3.example.com:9000',
    }).exactOptional(),
    region: bucketRegion({
      description: 'Where the bucket is; the region of the environment or the profile by default.',
      example: 'eu-central-1',
    }).exactOptional(),
    sse: sse.exactOptional(),
    bronzeUrl: bucketUrl({
      description:
        'A bucket for the bronze tables alone, such as one with Object Lock. Keys are as in `url`.',
      example: 's3://locked-bucket/prefix',
    }).exactOptional(),
    cacheDir: filePath({
      description:
        'The folder for what is read from a bucket and written to it, on a disk of this machine.',
      example: '/var/cache/inlet',
    }).prefault('./data/cache'),
    cacheBytes: size({
      description:
        'What the cache may keep of a bucket; the least recently read goes first. More only while a query reads it.',
      example: '10GiB',
      min: '64MiB',
      max: '100TiB',
    }).prefault('10GiB'),
    commitEvery: duration({
      description:
        'How often what has come is committed; 5s in a folder and 30s in a bucket by default.',
      example: '5s',
      min: '100ms',
      max: '1h',
    }).exactOptional(),
    commitBytes: size({
      description: 'Commits sooner once this much has come.',
      example: '64MiB',
      min: '1MiB',
      max: '512MiB',
    }).prefault('64MiB'),
    silverEvery: duration({
      description: 'How often silver is brought to where bronze stands.',
      example: '30s',
      min: '100ms',
      max: '1d',
    }).prefault('30s'),
    goldEvery: duration({
      description: 'How often gold is brought to where silver stands.',
      example: '60s',
      min: '1s',
      max: '1d',
    }).prefault('60s'),
    retention: retention.prefault({}),
  })
  .meta({ description: 'The tables that events are landed in.' })
  .transform((value) => {
    const { url, commitEvery } = value
    const otherwise = defaultCommitEvery[isBucket(url) ? 'bucket' : 'folder']
    return { ...value, commitEvery: commitEvery ?? parseDuration(otherwise) }
  })

/** Of a place in the configuration: a bucket, or else a folder. */
export function isBucket(url: string): boolean {
  return url.startsWith('s3://')
}

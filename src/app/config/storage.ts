/**
 * The keys `journal`, `dedup` and `lake`: where events are kept, and how each comes to be there
 * once.
 */
import { z } from 'zod'
import { duration, filePath, flag, oneOf, size } from './kinds.ts'

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

export const lake = z
  .strictObject({
    url: filePath({
      description: 'The folder of the lake.',
      example: '/var/lib/inlet/lake',
    }).prefault('./data/lake'),
    commitEvery: duration({
      description: 'How often what has come is committed.',
      example: '5s',
      min: '100ms',
      max: '1h',
    }).prefault('5s'),
    commitBytes: size({
      description: 'Commits sooner once this much has come.',
      example: '64MiB',
      min: '1MiB',
      max: '512MiB',
    }).prefault('64MiB'),
  })
  .meta({ description: 'The tables that events are landed in.' })

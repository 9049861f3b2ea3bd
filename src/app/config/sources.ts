/** The keys `orgs` and `sources`: whose events come, and from whom. */
import { z } from 'zod'
import { parseSize } from '../../core/units.ts'
import { accept } from './accept.ts'
import { contract } from './contracts.ts'
import { dialects, generic, spokenBy } from './dialects.ts'
import { genesysHost } from './genesys-host.ts'
import { eventTypeName, flag, name, oneOf, size, urlPath, uuid, wholeNumber } from './kinds.ts'
import { auth } from './proofs.ts'
import { secret } from './secret-reference.ts'
import { subscription } from './subscription.ts'

export const orgSchema = z.strictObject({
  name: name({ description: 'What the organisation is called here.', example: 'prod' }),
  orgId: uuid({
    description: 'The id of the Genesys Cloud organisation.',
    example: '32aa07aa-db1b-4987-abd0-9483601ec29d',
  }),
  host: genesysHost.exactOptional(),
  allowCustomHost: flag({
    description: 'Whether `host` is meant although it is of no region that this version knows.',
    example: true,
  }).prefault(false),
  clientId: secret
    .meta({
      title: 'a reference to a secret',
      description:
        'Where the id of an OAuth client of the organisation is found, of the grant type Client Credentials. It is what Inlet asks Genesys Cloud by.',
      examples: ['{ env: GC_ID }'],
    })
    .exactOptional(),
  clientSecret: secret
    .meta({
      title: 'a reference to a secret',
      description: 'Where the secret of that client is found. Asked for anew with each token.',
      examples: ['{ env: GC_SECRET }'],
    })
    .exactOptional(),
})

export const orgs = z.array(orgSchema).meta({
  description:
    'The Genesys Cloud organisations whose events come. `host`, `clientId` and `clientSecret` are for what Inlet asks of Genesys Cloud itself; without them it asks nothing.',
})

const limits = z
  .strictObject({
    body: size({
      description:
        'The largest body of a request, after decompression. Above it 413, or 503 to Firehose, which a 413 makes drop the batch. By default 2MiB, and 64MiB with `contract: firehose`, the most that a delivery of Firehose may have.',
      example: '2MiB',
      min: '1KiB',
      max: '64MiB',
    }).exactOptional(),
    eventsPerSecond: wholeNumber({
      description:
        'How many events the source may deliver for long. Without it, as many as it likes. Several gateways share it evenly.',
      example: 5000,
      min: 1,
      max: 1_000_000,
    }).exactOptional(),
    burst: wholeNumber({
      description:
        'How many it may deliver at once, after a rest; not smaller than its largest batch. Left out: twice eventsPerSecond.',
      example: 10_000,
      min: 1,
      max: 10_000_000,
    }).exactOptional(),
    overload: oneOf(['defer', 'shed'], {
      description:
        'What becomes of low-priority events when there are too many, of this source or for the memory of the gateway. `defer`: 503, or 429 where the contract has it tried again. `shed`: 200, counted, and gone. All others are deferred, and so is everything once burst is used up.',
      example: 'shed',
    }).prefault('defer'),
  })
  .meta({ description: 'What one request, and all of a source, may cost.' })

const names = z
  .array(
    eventTypeName({
      description: 'The name of an event type, or its end: `observations` stands for all such.',
      example: 'customer.end',
    }),
  )
  .max(1000)
  .prefault([])

const priorities = z
  .strictObject({
    high: names.meta({
      title: 'a list of event types',
      description: 'Taken for as long as anything is.',
      examples: ['[customer.end, interaction]'],
    }),
    low: names.meta({
      title: 'a list of event types',
      description: 'The first to wait, or to be shed.',
      examples: ['[queue.observations]'],
    }),
  })
  .meta({
    description:
      'How urgent events are under overload; a batch is as urgent as its most urgent event. Observations, aggregates and activity are low unless they stand here.',
  })

const dedup = z
  .strictObject({
    group: name({
      description:
        'Sources of one group carry one stream: an event that comes through two of them is one event. Without it, a source stands alone.',
      example: 'genesys-prod',
    }).exactOptional(),
    identity: oneOf(['id', 'interaction-and-type'], {
      description:
        'What makes two bodies the same event. `id`: the id that they carry, else their content. `interaction-and-type`: interactionId and eventType, for guide A without an id; every later state of an interaction then counts as a repetition of the first.',
      example: 'id',
    }).prefault('id'),
  })
  .meta({ description: 'When two deliveries are the same event.' })

export const sourceSchema = z.strictObject({
  name: name({
    description: 'Stands in every row, message and metric of what comes this way.',
    example: 'genesys-prod',
  }),
  org: name({
    description:
      'The name of one of `orgs`. An event that names another organisation is kept as a dead letter. Without it, events of any organisation are taken.',
    example: 'prod',
  }).exactOptional(),
  path: urlPath({
    description: 'Where the sender posts. Matched exactly; no two sources share one.',
    example: '/genesys/events',
  }),
  dialects,
  generic: generic.exactOptional(),
  auth,
  accept: accept.prefault({}),
  contract: contract.prefault('guide-webhook'),
  priorities: priorities.prefault({}),
  limits: limits.prefault({}),
  dedup: dedup.prefault({}),
  subscription: subscription.exactOptional(),
})

export type Source = z.output<typeof sourceSchema>
export type Org = z.output<typeof orgSchema>

export const sources = z
  .array(sourceSchema)
  .min(1)
  .meta({
    title: 'a list of sources',
    description: 'The senders that Inlet takes events from.',
    examples: ['[{ name: genesys-prod, path: /genesys/events, auth: ... }]'],
  })

/** Bytes. */
export function bodyLimitOf(source: Source): number {
  return source.limits.body ?? parseSize(spokenBy(source) === 'firehose' ? '64MiB' : '2MiB')
}

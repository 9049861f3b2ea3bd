/** The keys `dialects` and `generic` of a source: what its bodies look like. */
import { z } from 'zod'
import { genericMapping } from '../../event/generic-mapping.ts'
import type { RecogniseOptions } from '../../event/recognise.ts'
import type { Spoken } from '../../ingress/protocols/spoken.ts'
import { eventTypeName, jsonPointer, oneOf } from './kinds.ts'

/** `firehose` is told by headers and wraps the others. */
const names = [
  'auto',
  'analytics-notification',
  'event-subscription',
  'eventbridge',
  'notification',
  'conversation-detail',
  'firehose',
  'generic',
] as const

export const dialects = z
  .array(
    oneOf(names, {
      description:
        '`auto`: the dialect of each body is told by its shape. A name: such bodies are read, and what is in none of those that are named is kept as `unknown`. `firehose`: deliveries of Firehose, told by their headers; their records are in the other dialects. `generic`: what no other reads is read by the places below `generic`.',
      example: 'auto',
    }),
  )
  .min(1)
  .max(names.length)
  .prefault(['auto'])
  .meta({
    title: 'a list of dialects',
    description: 'The shapes that bodies may have.',
    examples: ['[auto]', '[auto, generic]'],
  })

const pointer = (what: string, example: string) =>
  jsonPointer({ description: `A JSON pointer to ${what}.`, example }).exactOptional()

export const generic = z
  .strictObject({
    id: pointer('what makes two bodies the same event; without it that is their content', '/id'),
    type: pointer('the event type', '/kind'),
    time: pointer('the time of the event: ISO 8601, or milliseconds since 1970', '/at'),
    conversationId: pointer('the id of the conversation', '/conversation/id'),
    topic: pointer('the Genesys topic', '/topicName'),
    orgId: pointer('the id of the organisation', '/organizationId'),
    types: z
      .array(eventTypeName({ description: 'The name of an event type.', example: 'survey.done' }))
      .max(1000)
      .prefault([])
      .meta({
        title: 'a list of event types',
        description:
          'Event types that bodies may name, beside the catalogue; any other is `other`.',
        examples: ['[survey.done]'],
      }),
  })
  .meta({
    description:
      'Where bodies of the dialect `generic` say what. Pointers go through objects, not through arrays.',
  })

type Dialects = z.output<typeof dialects>
type Generic = z.output<typeof generic>

/** What of a source says how its bodies are read. */
export interface Shapes {
  readonly dialects: Dialects
  readonly generic?: Generic
  readonly contract: unknown
}

export function spokenBy({ dialects: named, contract }: Shapes): Spoken {
  if (contract === 'firehose' || named.every((one) => one === 'firehose')) return 'firehose'
  return named.includes('auto') || named.includes('firehose') ? 'either' : 'plain'
}

/** What `recognise` is told of the dialects; `types` are those of the configuration. */
export function readingOf({ dialects: named, generic: places }: Shapes, types: readonly string[]) {
  const shapes = named.filter((one) => one !== 'auto' && one !== 'firehose')
  const isAny = named.includes('auto') || shapes.length === 0
  return {
    eventTypes: new Set([...types, ...(places?.types ?? [])]),
    ...(!isAny && { dialects: shapes }),
    ...(places && { generic: genericMapping(places) }),
  } satisfies RecogniseOptions
}

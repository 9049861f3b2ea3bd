/** The key `channels`: what Inlet listens to over notification channels. */
import { z } from 'zod'
import { usualTopics, type Wanted } from '../../genesys/channels/plan.ts'
import { name, uuid } from './kinds.ts'
import type { Source } from './sources.ts'

const id = uuid({ description: 'Its id.', example: '32aa07aa-db1b-4987-abd0-9483601ec29d' })

function listOfIds(description: string) {
  return z
    .union([z.literal('all'), z.array(id)])
    .prefault([])
    .meta({
      title: '"all" or a list of ids',
      description,
      examples: ['all', '[32aa07aa-db1b-4987-abd0-9483601ec29d]'],
    })
}

export const channelsSchema = z.strictObject({
  org: name({
    description: 'The name of one of `orgs`, with `host`, `clientId` and `clientSecret`.',
    example: 'prod',
  }),
  source: name({
    description:
      'The name of the source by whose rules events are taken, and that stands in their rows. Left out: the only source of the organisation.',
    example: 'genesys-prod',
  }).exactOptional(),
  users: listOfIds(
    'The users whose topics are listened to. `all`: the active ones that the organisation lists, every `names.every`.',
  ),
  queues: listOfIds(
    'The queues whose topics are listened to. `all`: those that the organisation lists, every `names.every`.',
  ),
  topics: z
    .array(
      z
        .string()
        .regex(/^v2\.[A-Za-z0-9.{}_-]{1,190}$/)
        .meta({
          title: 'a topic',
          description: 'A template with one `{id}`, or a topic without one.',
          examples: ['v2.users.{id}.presence'],
        }),
    )
    .min(1)
    .prefault([...usualTopics])
    .meta({
      title: 'a list of topics',
      description:
        'Templates, of each user or queue one topic; a topic that names one thing stands for itself.',
      examples: ['[v2.users.{id}.presence, v2.routing.queues.{id}.conversations]'],
    }),
})

export type ChannelsConfig = z.output<typeof channelsSchema>

/** Whom an organisation lists. */
export interface Listed {
  readonly users: readonly string[]
  readonly queues: readonly string[]
}

const kinds = ['users', 'queues'] as const

/** Of whom `all` are wanted. */
export function listedKinds(wanted: Pick<ChannelsConfig, keyof Listed>): (keyof Listed)[] {
  return kinds.filter((kind) => wanted[kind] === 'all')
}

/** With those that are `listed` in the place of `all`. */
export function wantedOf(
  { users, queues, topics }: Pick<ChannelsConfig, keyof Wanted>,
  listed: Listed = { users: [], queues: [] },
): Wanted {
  return {
    users: users === 'all' ? listed.users : users,
    queues: queues === 'all' ? listed.queues : queues,
    topics,
  }
}

export const channels = z.array(channelsSchema).meta({
  title: 'a list of what to listen to',
  description:
    'What Inlet listens to over WebSocket notification channels, one entry for an organisation. It is the way without Amazon Web Services; docs/guides/channels.md.',
  examples: ['[{ org: prod, users: all, queues: all }]'],
})

/** Null where it cannot be told. */
export function sourceOfChannels(
  { org, source }: Pick<ChannelsConfig, 'org' | 'source'>,
  sources: readonly (Source | null)[],
): Source | null {
  const own = sources.filter((one) => one?.org === org)
  if (source !== undefined) return own.find((one) => one?.name === source) ?? null
  return own.length === 1 ? (own[0] ?? null) : null
}

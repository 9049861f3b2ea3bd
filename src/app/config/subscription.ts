/** The key `subscription` of a source: what `inlet provision` sets up at Genesys Cloud for it. */
import { z } from 'zod'
import { awsRegion, duration, name, oneOf, optional, wholeNumber } from './kinds.ts'

const texts = z.array(z.string().min(1).max(300)).max(1000)

const retryPolicy = z
  .strictObject({
    maxRetries: wholeNumber({
      description: 'How often a delivery is tried again.',
      example: 5,
      min: 0,
      max: 20,
    }).prefault(5),
    retryInterval: duration({
      description: 'How long before the first of these; each next one waits twice as long.',
      example: '60s',
      min: '1s',
      max: '1h',
    }).prefault('60s'),
  })
  .meta({ description: 'Of analytics-notification: how a delivery is tried again.' })

export const subscription = z
  .strictObject({
    kind: oneOf(['analytics-notification', 'event-subscription', 'eventbridge'], {
      description:
        'What delivers to the source: a notification of the Analytics Notification API, an event subscription, or the integration with Amazon EventBridge.',
      example: 'eventbridge',
    }),
    name: name({
      description:
        'What it is called there, and found by; of eventbridge also the suffix of the event source.',
      example: 'lake',
    }),
    publicUrl: optional(
      z.url({ protocol: /^https$/ }).meta({
        title: 'an https URL',
        description:
          'Where the sender reaches the source. Of eventbridge for `inlet provision recipe` alone.',
        examples: ['https://in.example.com/genesys/events'],
      }),
    ),
    certificateId: optional(
      name({
        description:
          'Of analytics-notification: the client certificate at Genesys Cloud that it proves itself by.',
        example: 'f3b3c1f8-3a49-4b5f-9a0c-5f1f2b1c0d2e',
      }),
    ),
    topics: texts.prefault([]).meta({
      title: 'a list of event types or topics',
      description:
        'What is asked for: event types, or topics of EventBridge such as `v2.detail.events.conversation.{id}.customer.end`. By default those of accept.eventTypes.',
      examples: ['[interaction, agentLogin]'],
    }),
    contactType: optional(
      name({ description: 'Of event-subscription: contacts that are wanted.', example: 'phone' }),
    ),
    retryPolicy: retryPolicy.prefault({}),
    awsAccount: optional(
      z
        .string()
        .regex(/^\d{12}$/)
        .meta({
          title: 'the number of an AWS account',
          description: 'Of eventbridge: the account that events go to.',
          examples: ['"123456789012"'],
        }),
    ),
    awsRegion: optional(
      awsRegion({
        description: 'Of eventbridge: the region that events go to.',
        example: 'eu-central-1',
      }),
    ),
  })
  .meta({
    description:
      'What `inlet provision` sets up at Genesys Cloud for this source; filters are those of `accept`.',
  })

export type Subscription = z.output<typeof subscription>

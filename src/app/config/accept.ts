/** The key `accept` of a source: which of its events are wanted. */
import { z } from 'zod'
import { eventTypeName, fieldPath } from './kinds.ts'

const eventTypes = z.array(
  eventTypeName({
    description: 'The name of an event type, or its end: `observations` stands for all such.',
    example: 'customer.end',
  }),
)

const words = z.array(z.string().min(1).max(200)).max(1000)

const exclusion = z.strictObject({
  field: fieldPath({
    description: 'Names of members from the top of the event; `[]` behind one for each of a list.',
    example: 'data.internal',
  }),
  equals: z.union([z.string(), z.number(), z.boolean()]).meta({
    title: 'a text, a number, true or false',
    description: 'What it holds, exactly, in the events that are left out.',
    examples: ['true'],
  }),
})

export const accept = z
  .strictObject({
    eventTypes: eventTypes
      .max(1000)
      .prefault([])
      .meta({
        title: 'a list of event types',
        description: 'Event types that are wanted.',
        examples: ['[interaction, customer.end]'],
      }),
    interactionTypes: words.prefault([]).meta({
      title: 'a list of interaction types',
      description:
        '`interactionType`, `contactType` or `mediaType`; call, phone and voice are one.',
      examples: ['[voice, chat]'],
    }),
    queues: words.prefault([]).meta({
      title: 'a list of queue ids',
      description: 'Queues whose events are wanted.',
      examples: ['[3f1c0c1e-6d0e-4d0b-9c83-6f1f0c1d2e3f]'],
    }),
    states: words.prefault([]).meta({
      title: 'a list of states',
      description: '`state`, `interactionState` or `currentState` of events that are wanted.',
      examples: ['[connected, disconnected]'],
    }),
    directions: words.prefault([]).meta({
      title: 'a list of directions',
      description: 'Directions that are wanted.',
      examples: ['[inbound]'],
    }),
    exclude: z
      .array(exclusion)
      .max(100)
      .prefault([])
      .meta({
        title: 'a list of exclusions',
        description: 'Events that are not wanted, whatever the lists say.',
        examples: [
          '[{ field: data.internal, equals: true }]',
          '[{ field: "participants[].purpose", equals: acd }]',
        ],
      }),
  })
  .meta({
    description:
      'Which events are wanted; an empty list wants all. What is not is answered `filtered` and counted. An event is kept where it does not say what a list asks for.',
  })

/** The key `gold`: what the figures of gold are counted by. */
import { z } from 'zod'
import type { GoldOptions } from '../../loader/gold/queue-intervals.ts'
import { duration, oneOf } from './kinds.ts'

const mediaTypes = [
  ...['voice', 'chat', 'email', 'message', 'callback', 'cobrowse', 'video', 'screenshare'],
  'internalmessage',
] as const

const zoneTitle = 'a time zone of the IANA list, such as Europe/Berlin'

const timeZone = z
  .string()
  .max(64)
  .refine(isTimeZone, { message: `is not ${zoneTitle}` })
  .meta({
    title: zoneTitle,
    description: 'Where half hours begin. A change makes queue_intervals and agent_intervals anew.',
    examples: ['Europe/Berlin'],
  })

const serviceLevel = z.strictObject({
  mediaType: oneOf(mediaTypes, { description: 'The medium.', example: 'voice' }),
  within: duration({
    description: 'An answer within this time counts for the service level.',
    example: '20s',
    min: '0s',
    max: '30d',
  }),
})

export const gold = z
  .strictObject({
    timeZone: timeZone.prefault('UTC'),
    serviceLevel: z
      .array(serviceLevel)
      .max(mediaTypes.length)
      .refine((list) => new Set(list.map(({ mediaType }) => mediaType)).size === list.length, {
        message: 'names a medium twice',
      })
      .meta({
        title: 'a list of media with their thresholds',
        description: 'How soon an answer counts as in time; 20s for media that are not named.',
        examples: ['[{ mediaType: voice, within: 20s }]'],
      })
      .prefault([{ mediaType: 'voice', within: '20s' }]),
    shortAbandon: duration({
      description: 'Who leaves a queue sooner counts as a short abandon: the queue had no chance.',
      example: '5s',
      min: '0s',
      max: '1h',
    }).prefault('5s'),
  })
  .meta({ description: 'What the figures of gold are counted by.' })

/** As the loader takes them. */
export function goldOptions(config: z.output<typeof gold>): GoldOptions {
  const { timeZone, serviceLevel, shortAbandon: shortAbandonMs } = config
  const thresholds = serviceLevel.map(({ mediaType, within }) => [mediaType, within] as const)
  return { timeZone, serviceLevel: new Map<string, number>(thresholds), shortAbandonMs }
}

function isTimeZone(name: string): boolean {
  try {
    // An offset such as +01:00 would do for JavaScript, and not for DuckDB.
    return /^[A-Za-z]/.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }) !== null
  } catch {
    return false
  }
}

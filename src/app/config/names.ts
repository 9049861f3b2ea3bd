/** The key `names`: how often names of queues, users and the like are asked for. */
import { z } from 'zod'
import { duration } from './kinds.ts'

export const names = z
  .strictObject({
    every: duration({
      description:
        'How often they are listed, for every organisation of `orgs` that has a client. A change is known as exactly as that.',
      example: '15m',
      min: '10s',
      max: '30d',
    }).prefault('1h'),
  })
  .meta({ description: 'Names of users, queues, wrap-up codes and the like, from Genesys Cloud.' })

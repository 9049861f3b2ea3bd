/** The key `provision`: how often it is looked whether what delivers is active. */
import { z } from 'zod'
import { duration, flag } from './kinds.ts'

export const provision = z
  .strictObject({
    every: duration({
      description:
        'How often `inlet run` looks whether each `sources[].subscription` is there and active, where its organisation has a client.',
      example: '5m',
      min: '10s',
      max: '1d',
    }).prefault('15m'),
    reactivate: flag({
      description:
        'Whether a webhook that Genesys Cloud deactivated is made active again then. It is told of either way.',
      example: false,
    }).prefault(true),
  })
  .meta({
    description: 'What watches the subscriptions that `inlet provision apply` has set up.',
  })

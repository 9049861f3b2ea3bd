/** The key `audit`: how often it is asked whether everything is here, once. */
import { z } from 'zod'
import { duration } from './kinds.ts'

export const audit = z
  .strictObject({
    every: duration({
      description: 'How often the loader does what `inlet audit` does, beside its commits.',
      example: '1h',
      min: '1m',
      max: '30d',
    }).prefault('1h'),
  })
  .meta({ description: 'The scheduled audit of the lake.' })

/** The key `reconcile`: how often what Genesys tells is compared with what is here. */
import { z } from 'zod'
import { duration, wholeNumber } from './kinds.ts'
import type { Org, Source } from './sources.ts'

export const reconcile = z
  .strictObject({
    every: duration({
      description: 'How often `inlet run` compares, and fetches what is missing or has changed.',
      example: '1h',
      min: '1m',
      max: '7d',
    }).prefault('1h'),
    trailing: duration({
      description:
        'How far back it compares each time. Genesys corrects records for days after the fact.',
      example: '4d',
      min: '1h',
      max: '30d',
    }).prefault('4d'),
    perSecond: wholeNumber({
      description: 'How many records it takes in a second, at most, so that events go first.',
      example: 200,
      min: 1,
      max: 10_000,
    }).prefault(200),
  })
  .meta({
    description:
      'Reconciliation with Genesys Cloud, of every organisation that has a client (`orgs[].clientId`). Without this key, only `inlet reconcile` does it.',
  })

export function hasClient({ host, clientId, clientSecret }: Org): boolean {
  return host !== undefined && clientId !== undefined && clientSecret !== undefined
}

export function readsRecords({ dialects }: Source): boolean {
  return dialects.includes('auto') || dialects.includes('conversation-detail')
}

/** How the events of a source are read and which are wanted, whichever way they come. */
import type { SourceRules } from '../ingress/reentry.ts'
import { readingOf, spokenBy } from './config/dialects.ts'
import type { Config } from './config/schema.ts'
import type { Source } from './config/sources.ts'

export function sourceRules(source: Source, { orgs }: Pick<Config, 'orgs'>): SourceRules {
  const { name, org, dedup, accept, priorities } = source
  const named = [...accept.eventTypes, ...priorities.high, ...priorities.low]
  return {
    name,
    orgId: orgs.find((one) => one.name === org)?.orgId ?? null,
    dedupGroup: dedup.group ?? null,
    recognise: {
      ...readingOf(source, named),
      compositeIdentity: dedup.identity === 'interaction-and-type',
    },
    speaks: spokenBy(source),
    accept,
  }
}

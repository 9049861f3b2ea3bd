/** What a source means for its events, whichever way they come. */
import type { SourceRules } from '../ingress/reentry.ts'
import { SHORTEST_REPEAT_MS } from '../loader/places.ts'
import { contractOf } from './config/contracts.ts'
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

/** Ids are compared within the group of a source, or within the source. */
export function sourceScopes(config: Config) {
  return config.sources.map(({ name, dedup, contract }) => ({
    name,
    scope: dedup.group ?? name,
    repeatMs: Math.max(contractOf(contract).retryWindow, SHORTEST_REPEAT_MS),
  }))
}

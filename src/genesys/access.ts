/**
 * What the client of an organisation may do, found out by asking: who it is, and one harmless call
 * for each permission that Inlet can use. Roles could be read too, but what counts is what is
 * answered.
 *
 * Source: `GET /api/v2/tokens/me` and the permissions that the official SDK's documentation names
 * with each call.
 */
import { hasCode, type InletError } from '../core/errors.ts'
import { objectAt, textAt } from '../event/fields.ts'
import type { Call, GenesysClient } from './client.ts'
import { intervalText } from './details-query.ts'
import { objectOf } from './failures.ts'

export interface Probe {
  /** What it is needed for, as `may <what>`. */
  readonly what: string
  /** Null where the client may. */
  readonly failure: InletError | null
}

const MINUTE_MS = 60_000

/** The id of the organisation that the client belongs to; null where it is not said. */
export async function organisationOf(client: GenesysClient): Promise<string | null> {
  const answer = await client.call({ method: 'GET', path: '/api/v2/tokens/me' })
  return textAt(objectAt(objectOf(answer.view), 'organization'), 'id')
}

/** One after another; any failure that is not about a permission rejects. */
export async function probePermissions(client: GenesysClient, now: number): Promise<Probe[]> {
  const probes: Probe[] = []
  for (const [what, call] of Object.entries(probeCalls(now))) {
    const failure = await client.call(call).then(
      () => null,
      (error: unknown) => error,
    )
    if (failure !== null && !hasCode(failure, 'INL_GEN_PERMISSION')) throw failure
    probes.push({ what, failure })
  }
  return probes
}

function probeCalls(now: number): Readonly<Record<string, Call>> {
  const list = (path: string): Call => ({ method: 'GET', path, query: { pageSize: 1 } })
  const interval = intervalText({ from: now - MINUTE_MS, to: now })
  return {
    'query conversation details': {
      method: 'POST',
      path: '/api/v2/analytics/conversations/details/query',
      body: { interval, paging: { pageSize: 1, pageNumber: 1 } },
      repeatable: true,
    },
    'run conversation details jobs': {
      method: 'GET',
      path: '/api/v2/analytics/conversations/details/jobs/availability',
    },
    'use notification channels': { method: 'GET', path: '/api/v2/notifications/channels' },
    'read topics': { method: 'GET', path: '/api/v2/notifications/availabletopics' },
    'read users': list('/api/v2/users'),
    'read queues': list('/api/v2/routing/queues'),
    'read wrap-up codes': list('/api/v2/routing/wrapupcodes'),
    'read skills': list('/api/v2/routing/skills'),
    'read divisions': list('/api/v2/authorization/divisions'),
    'read flows': list('/api/v2/flows'),
    'read presence definitions': list('/api/v2/presence/definitions'),
    'read integrations': list('/api/v2/integrations'),
  }
}

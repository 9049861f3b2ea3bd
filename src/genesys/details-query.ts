/**
 * Conversations out of Analytics, by time: `POST /api/v2/analytics/conversations/details/query`;
 * and by id: `GET /api/v2/analytics/conversations/details`. Both tell the same records.
 *
 * Guarantee: every conversation that the platform tells for the interval, each page when it is
 * wanted. Limits are the platform's: conversations that began on a day which the interval touches;
 * at most 31 days and 100,000 results, beyond which it rejects with INL_GEN_INTERVAL and the caller
 * asks for smaller intervals; pages shift while conversations change, so that one may come twice.
 * Source: the official SDK's documentation of the calls; the limits as its own errors tell them.
 */
import { textAt } from '../event/fields.ts'
import type { JsonValue } from '../event/json.ts'
import type { ObjectView } from '../event/json-view.ts'
import type { GenesysClient, Urgency } from './client.ts'
import { type Entity, type Page, pageOf } from './paging.ts'

const PATH = '/api/v2/analytics/conversations/details'
/** The most that is known to be taken. */
const PAGE_SIZE = 100
/** How many ids go into one URL, which they make 2,000 characters long. */
const IDS_A_CALL = 50

/** Ms since the epoch; `to` is not part of it. */
export interface Interval {
  readonly from: number
  readonly to: number
}

export interface DetailsQuery extends Interval {
  /** As the call has them. */
  readonly conversationFilters?: JsonValue
  readonly segmentFilters?: JsonValue
  readonly pageSize?: number
  readonly urgency?: Urgency
  readonly signal?: AbortSignal
}

/** The Analytics record of a conversation. */
export interface ConversationRecord extends Entity {
  /** Null where it names none that can be used. */
  readonly conversationId: string | null
}

export interface DetailsPage {
  readonly records: readonly ConversationRecord[]
  /** About how many there are in all; null where it does not say. */
  readonly totalHits: number | null
}

export async function* queryDetails(
  client: GenesysClient,
  query: DetailsQuery,
): AsyncGenerator<DetailsPage, void> {
  const { pageSize = PAGE_SIZE, conversationFilters, segmentFilters, urgency, signal } = query
  let seen = 0
  for (let pageNumber = 1; ; pageNumber++) {
    const page = await pageOf(
      client,
      {
        method: 'POST',
        path: `${PATH}/query`,
        repeatable: true,
        body: {
          interval: intervalText(query),
          order: 'asc',
          orderBy: 'conversationStart',
          paging: { pageSize, pageNumber },
          ...(conversationFilters !== undefined && { conversationFilters }),
          ...(segmentFilters !== undefined && { segmentFilters }),
        },
        ...(urgency && { urgency }),
        ...(signal && { signal }),
      },
      'conversations',
    )
    const { entities } = page
    seen += entities.length
    const totalHits = hitsOf(page.body)
    if (entities.length > 0) yield { records: recordsOf(page), totalHits }
    const isLast = entities.length < pageSize && seen >= (totalHits ?? 0)
    if (entities.length === 0 || isLast) return
  }
}

/** Those of them that Genesys tells. Ids that are no UUIDs are none of its own: do not ask. */
export async function* detailsById(
  client: GenesysClient,
  ids: readonly string[],
  options: Pick<DetailsQuery, 'urgency' | 'signal'> = {},
): AsyncGenerator<DetailsPage, void> {
  for (let from = 0; from < ids.length; from += IDS_A_CALL) {
    const query = { id: ids.slice(from, from + IDS_A_CALL).join(',') }
    const call = { method: 'GET', path: PATH, query, ...options } as const
    yield { records: recordsOf(await pageOf(client, call, 'conversations')), totalHits: null }
  }
}

export function recordsOf({ entities }: Page): ConversationRecord[] {
  return entities.map((entity) => ({
    ...entity,
    conversationId: textAt(entity.view, 'conversationId'),
  }))
}

/** As Genesys writes it: two times in UTC. */
export function intervalText({ from, to }: Interval): string {
  return `${new Date(from).toISOString()}/${new Date(to).toISOString()}`
}

function hitsOf(body: ObjectView | null): number | null {
  const hits = body?.member('totalHits')
  return typeof hits === 'number' && hits >= 0 ? hits : null
}

/**
 * What a source wants of Genesys Cloud, in the platform's own fields; or why that must not be set
 * up. Pure.
 */
import { formatDuration } from '../../core/units.ts'
import type { JsonObject } from '../../event/json.ts'
import type { ProvisionKind, Wanted } from './plan.ts'

const HOUR_MS = 3_600_000

export interface Asked {
  readonly source: string
  readonly kind: ProvisionKind
  readonly name: string
  readonly publicUrl: string | null
  readonly certificateId: string | null
  /** Event types, or topics of EventBridge. */
  readonly events: readonly string[]
  readonly interactionTypes: readonly string[]
  readonly queues: readonly string[]
  readonly directions: readonly string[]
  readonly contactType: string | null
  /** What proves the sender, by the name of its header. */
  readonly headers: Readonly<Record<string, string>>
  readonly maxRetries: number
  readonly retryIntervalMs: number
  readonly awsAccount: string | null
  readonly awsRegion: string | null
}

export interface Refusal {
  readonly reason: string
  readonly remedy: string
}

export type Asking = { readonly wanted: Wanted } | { readonly refusals: readonly Refusal[] }

/** `windowMs`: for how long Inlet knows a repeated delivery for one. */
export function wantedOf(asked: Asked, windowMs: number): Asking {
  const { source, kind, name } = asked
  const refusals = complaints(asked, windowMs)
  if (refusals.length > 0) return { refusals }
  return { wanted: { source, kind, name, fields: fieldsOf(asked) } }
}

function complaints(asked: Asked, windowMs: number): Refusal[] {
  const { kind, publicUrl, certificateId, events, awsAccount, awsRegion } = asked
  const missing = (isMissing: boolean, reason: string, remedy: string): Refusal[] =>
    isMissing ? [{ reason, remedy }] : []
  const common = missing(
    events.length === 0,
    'it has no filter: everything there is would be delivered',
    'Name event types in accept.eventTypes, or in subscription.topics.',
  )
  if (kind === 'eventbridge')
    return [
      ...common,
      ...missing(awsAccount === null, 'it has no AWS account', 'Add subscription.awsAccount.'),
      ...missing(awsRegion === null, 'it has no AWS region', 'Add subscription.awsRegion.'),
    ]
  return [
    ...common,
    ...missing(publicUrl === null, 'it has no URL to deliver to', 'Add subscription.publicUrl.'),
    ...(kind === 'analytics-notification'
      ? [
          ...missing(
            certificateId === null,
            'it has no certificate: deliveries would not prove who sends them',
            'Upload a client certificate to Genesys Cloud, and name it in subscription.certificateId.',
          ),
          ...tooLong(asked, windowMs),
        ]
      : []),
  ]
}

/** An event may come again for longer than it would be known. */
function tooLong({ maxRetries, retryIntervalMs }: Asked, windowMs: number): Refusal[] {
  const waits = Array.from({ length: maxRetries }, (_, index) => retryIntervalMs * 2 ** index)
  const wholeMs = waits.reduce((sum, wait) => sum + wait, 0)
  if (wholeMs <= windowMs) return []
  const [first = '', ...rest] = waits.map((wait) => formatDuration(wait))
  const shown =
    rest.length > 5 ? [first, ...rest.slice(0, 3), '...', rest.at(-1)] : [first, ...rest]
  const window = formatDuration(windowMs)
  const sum = `${shown.join(' + ')} = ${formatDuration(wholeMs)}`
  const hours = Math.ceil(wholeMs / HOUR_MS)
  return [
    {
      reason: `its retryPolicy repeats an event for ${sum}; dedup.window knows it for ${window}`,
      remedy: `Write \`dedup: { window: ${hours}h }\` or more, or fewer retries.`,
    },
  ]
}

function fieldsOf(asked: Asked): JsonObject {
  const { kind, name, events } = asked
  const { interactionTypes, queues, directions, contactType, headers, publicUrl: url } = asked
  const some = (key: string, list: readonly string[]): JsonObject =>
    list.length === 0 ? {} : { [key]: [...list] }
  if (kind === 'eventbridge')
    return {
      eventSourceSuffix: name,
      awsAccountId: asked.awsAccount,
      awsAccountRegion: asked.awsRegion,
      eventFilter: [...events],
    }
  if (kind === 'analytics-notification')
    return {
      url,
      certificateId: asked.certificateId,
      filters: {
        eventTypes: [...events],
        ...some('interactionTypes', interactionTypes),
        ...some('queues', queues),
      },
      retryPolicy: {
        maxRetries: asked.maxRetries,
        retryIntervalSeconds: Math.ceil(asked.retryIntervalMs / 1000),
      },
    }
  // It takes one direction; several are all there are.
  const [direction] = directions.length === 1 ? directions : []
  return {
    url,
    events: [...events],
    filters: {
      ...(contactType !== null && { contactType }),
      ...(direction !== undefined && { direction }),
    },
    ...(Object.keys(headers).length > 0 && { headers: { ...headers } }),
  }
}

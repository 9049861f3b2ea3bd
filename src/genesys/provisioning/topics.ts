/**
 * Which topics an organisation does not publish, by `GET /api/v2/notifications/availabletopics`,
 * which the platform calls the list of what can be subscribed to (`AvailableTopic` of the official
 * SDK).
 */
import { InletError } from '../../core/errors.ts'
import { isArray, isObject, parseJson } from '../../event/json.ts'
import type { GenesysClient } from '../client.ts'
import type { Wanted } from './plan.ts'

const PATH = '/api/v2/notifications/availabletopics'

/** Whether what is to be delivered is what the organisation publishes. */
export interface TopicsReport {
  /** Those that the platform does not know: they deliver nothing. */
  readonly unknown: readonly string[]
  /** Why the platform did not tell, or null. */
  readonly trouble: string | null
}

export const noTopics: TopicsReport = { unknown: [], trouble: null }

/** Of EventBridge: the event types of the guides' webhooks are in no list of the platform. */
export async function lookUpTopics(
  client: GenesysClient,
  { kind, fields: { eventFilter } }: Pick<Wanted, 'kind' | 'fields'>,
): Promise<TopicsReport> {
  if (kind !== 'eventbridge' || !isArray(eventFilter)) return noTopics
  try {
    const known = topicsIn((await client.call({ method: 'GET', path: PATH })).bytes)
    const topics = eventFilter.map(String)
    const unknown = topics.filter((topic) => !known.some((template) => follows(topic, template)))
    return { ...noTopics, unknown }
  } catch (error) {
    if (!(error instanceof InletError)) throw error
    return { ...noTopics, trouble: error.message }
  }
}

function topicsIn(bytes: Buffer): string[] {
  const value = parseJson(bytes.toString('utf8'))
  const entities = isObject(value) && isArray(value['entities']) ? value['entities'] : []
  return entities.flatMap((one) =>
    isObject(one) && typeof one['id'] === 'string' ? [one['id']] : [],
  )
}

/** A template itself, or with something in the place of each `{id}`. */
function follows(topic: string, template: string): boolean {
  const segments = topic.split('.')
  const wanted = template.split('.')
  return (
    segments.length === wanted.length &&
    wanted.every((one, at) => one === segments[at] || /^\{.*\}$/.test(one))
  )
}

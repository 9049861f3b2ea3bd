/** SQL that tells events of one schema from those of others, without naming every topic. */
import { typeOfTemplate } from '../event/event-types.ts'
import { literal } from '../lake/sql/quote.ts'

const uuid = '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}'
const official = [...new Set(typeOfTemplate.values())].map(literal).join(', ')

/**
 * Over columns `event_type` and `topic`: together with dialect and event type it determines the
 * schema. Null for official topics, whose type does so by itself.
 */
export const topicKind = `CASE WHEN topic IS NOT NULL AND event_type NOT IN (${official})
  THEN regexp_replace(topic, '${uuid}', '{id}', 'g') END`

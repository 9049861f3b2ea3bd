/** SQL that tells events of one schema from those of others, without naming every topic. */
import { typeOfTemplate } from '../event/event-types.ts'
import { literal } from '../lake/sql/quote.ts'
import { hasOwnTypes } from '../schemas/topic.ts'

const uuid = '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}'
const withoutIds = (topic: string) => `regexp_replace(${topic}, '${uuid}', '{id}', 'g')`
const official = [...new Set(typeOfTemplate.values())].map(literal).join(', ')

/**
 * Over columns `event_type` and `topic`: together with dialect and event type it determines the
 * schema. Null for official topics, whose type does so by itself.
 */
export const topicKind = `CASE WHEN topic IS NOT NULL AND event_type NOT IN (${official})
  THEN ${withoutIds('topic')} END`

const templateOfType = new Map([...typeOfTemplate].map(([template, type]) => [type, template]))

/**
 * The name that `schemaTopic` gives a topic, over column `event_type` and the SQL of the topic:
 * what stands for its ids may be anything where the type is one of `types`, which are few.
 */
export function schemaTopicSql(topic: string, types: Iterable<string>): string {
  const cases = [...new Set(types)].flatMap((type) => {
    const template = templateOfType.get(type)
    return template === undefined ? [] : [`WHEN ${literal(type)} THEN ${literal(template)}`]
  })
  return `CASE WHEN starts_with(${topic}, 'v2.')
    THEN CASE event_type ${cases.join(' ')} ELSE ${withoutIds(topic)} END
    ELSE ${withoutIds(topic)} END`
}

/** The name of an event of that dialect that has no topic. */
export function ownNameSql(dialect: string): string {
  return hasOwnTypes(dialect) ? 'event_type' : `${literal(`${dialect}:`)} || event_type`
}

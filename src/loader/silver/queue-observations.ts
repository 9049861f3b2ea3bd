/** Observations and aggregates to `silver.queue_observations`, one value a row. */
import { queueObservations } from '../../tables/silver.ts'
import { enumeration, intervalEnd, intervalStart, media, metric, text } from './conversion.ts'
import { field, type Mapping, topicRoots } from './mapping.ts'

const place = 'journal_id, journal_partition, position'

export const queueObservationMapping: Mapping = {
  table: queueObservations,
  eventTypes: ['queue.observations', 'user.aggregates'],
  roots: topicRoots,
  lists: ['data[]', 'data[].metrics[]', 'data[].metrics[].stats.*'],
  fields: [
    field('media_type', media, 'group.mediaType'),
    field('direction', enumeration, 'group.direction'),
    field('queue_id', text, 'group.queueId'),
    field('user_id', text, 'group.userId'),
    field('metric', text, 'data[].metrics[].metric'),
    field('qualifier', text, 'data[].metrics[].qualifier'),
    field('value', metric, 'data[].metrics[].stats.*'),
    field('interval_start', intervalStart, 'data[].interval'),
    field('interval_end', intervalEnd, 'data[].interval'),
  ],
  computed: {
    queue_id: named('queue_id', 'queues'),
    user_id: named('user_id', 'users'),
    statistic: 'key',
    ordinal: `row_number() OVER (PARTITION BY ${place} ORDER BY index_1, index_2, index_3) - 1`,
  },
}

/** What the body leaves out the topic still says. */
function named(column: string, kind: string): string {
  const id = `regexp_extract(topic, '^v2[.]analytics[.]${kind}[.]([^.]+)[.]', 1)`
  return `coalesce(typed_${column}, nullif(${id}, ''))`
}

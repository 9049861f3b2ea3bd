/** Metrics that the platform emits to `silver.conversation_metrics`. */
import { conversationMetrics } from '../../tables/silver.ts'
import { enumeration, media, metric, text } from './conversion.ts'
import { field, type Mapping, topicRoots } from './mapping.ts'

export const conversationMetricMapping: Mapping = {
  table: conversationMetrics,
  eventTypes: ['conversation.metrics'],
  roots: topicRoots,
  fields: [
    field('participant_id', text, 'participantId'),
    field('session_id', text, 'sessionId'),
    field('media_type', media, 'mediaType'),
    field('direction', enumeration, 'direction', 'originatingDirection'),
    field('queue_id', text, 'queueId'),
    field('user_id', text, 'userId'),
    field('metric', text, 'metric'),
    field('value', metric, 'value'),
    field('record_id', text, 'recordId'),
    field('purpose', enumeration, 'purpose'),
    field('wrap_up_code', text, 'wrapUpCode', 'wrapupCode'),
    field('disconnect_type', enumeration, 'disconnectType'),
  ],
}

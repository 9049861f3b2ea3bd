/** The webhooks of both guides to `silver.interactions`. */
import { interactions } from '../../tables/silver.ts'
import { enumeration, lowerCase, media, people, seconds, text, time } from './conversion.ts'
import { field, type Mapping } from './mapping.ts'

/** The agent who took part last: the sender lists them in the order of their coming. */
const lastAgent = `list_filter(typed_participants, lambda one: one.role = 'agent')[-1].id`

export const analyticsNotificationMapping: Mapping = {
  table: interactions,
  eventTypes: ['interaction'],
  roots: { 'analytics-notification': '' },
  fields: [
    field('media_type', media, 'data.type', 'data.interactionType', 'data.mediaType'),
    field('direction', enumeration, 'data.direction'),
    field('queue_id', text, 'data.queueId'),
    field('user_id', text, 'data.agentId', 'data.userId'),
    field('state', enumeration, 'data.state'),
    field('wrap_up_code', lowerCase, 'data.wrapUpCode', 'data.wrapupCode', 'data.dispositionCode'),
    field('talk_ms', seconds, 'data.metrics.talkTime'),
    field('hold_ms', seconds, 'data.metrics.holdTime'),
    field('wait_ms', seconds, 'data.metrics.waitTime'),
    field('acw_ms', seconds, 'data.metrics.acw'),
    field('total_ms', seconds, 'data.metrics.totalTime'),
    field('participants', people, 'data.participants'),
  ],
  computed: { user_id: `coalesce(typed_user_id, ${lastAgent})` },
}

/** The type says the medium, save that of a disposition. */
const mediaTold = `CASE event_type WHEN 'call.event' THEN 'voice' WHEN 'chat.event' THEN 'chat'
  WHEN 'email.event' THEN 'email' ELSE typed_medium END`

export const eventSubscriptionMapping: Mapping = {
  table: interactions,
  eventTypes: ['call.event', 'chat.event', 'email.event', 'disposition.event'],
  roots: { 'event-subscription': '' },
  fields: [
    field('medium', media, 'contact.contactType'),
    field('direction', enumeration, 'direction'),
    field('queue_id', text, 'queue.id'),
    field('queue_name', text, 'queue.name'),
    field('user_id', text, 'agent.id'),
    field('agent_name', text, 'agent.agentName', 'agent.name'),
    field('state', enumeration, 'state'),
    field('contact_id', text, 'contact.id'),
    field('contact_type', enumeration, 'contact.contactType'),
    field('phone_number', text, 'contact.phoneNumber'),
    field('email', text, 'contact.email'),
    field('customer_name', text, 'contact.customerName', 'contact.name'),
    field('wrap_up_code', lowerCase, 'dispositionCode', 'wrapUpCode', 'wrapupCode'),
    field('started_at', time, 'callStartTime'),
    field('ended_at', time, 'callEndTime'),
  ],
  computed: { media_type: mediaTold },
}

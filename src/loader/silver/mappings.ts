/** Every mapping of events to silver: the routing table. A type of a dialect goes to one table. */
import { agentStateMappings } from './agent-states.ts'
import { conversationDetailMapping } from './conversation-details.ts'
import { conversationEventMapping } from './conversation-events.ts'
import { conversationMetricMapping } from './conversation-metrics.ts'
import { analyticsNotificationMapping, eventSubscriptionMapping } from './interactions.ts'
import type { Mapping } from './mapping.ts'
import { queueObservationMapping } from './queue-observations.ts'

export const mappings: readonly Mapping[] = [
  conversationEventMapping,
  conversationMetricMapping,
  queueObservationMapping,
  ...agentStateMappings,
  analyticsNotificationMapping,
  eventSubscriptionMapping,
  conversationDetailMapping,
]

/** The dialects that the simulator can tell events in. */
import { analyticsNotification } from './analytics-notification.ts'
import { conversationDetail } from './conversation-detail.ts'
import { eventSubscription } from './event-subscription.ts'
import { eventbridge } from './eventbridge.ts'
import { notification } from './notification.ts'
import type { Teller } from './rendered.ts'

export const toldDialects = [
  'eventbridge',
  'notification',
  'analytics-notification',
  'event-subscription',
  'conversation-detail',
] as const
export type ToldDialect = (typeof toldDialects)[number]

export const tellers: Readonly<Record<ToldDialect, Teller>> = {
  eventbridge,
  notification,
  'analytics-notification': analyticsNotification,
  'event-subscription': eventSubscription,
  'conversation-detail': conversationDetail,
}

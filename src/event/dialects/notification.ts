/**
 * A notification of the Genesys platform: what a WebSocket channel delivers, and the `detail` of an
 * EventBridge event.
 *
 * `{"topicName":"v2.users.<id>.presence","version":"2","eventBody":{...},"metadata":{...}}`
 *
 * It has no id, and on a WebSocket no time but what its `eventBody` has.
 */
import { typeOfTopic } from '../event-types.ts'
import { idAt, objectAt, textAt } from '../fields.ts'
import type { ObjectView } from '../json-view.ts'
import type { TimePlaces } from '../time.ts'
import { findTime, timePlaces } from '../time.ts'
import { conversationOf, isSnapshot } from '../topics.ts'
import type { DialectReader, Reading, RecogniseOptions } from './dialect.ts'

const places = notificationTimes('')

export const notification: DialectReader = {
  dialect: 'notification',
  matches: (value) => textAt(value, 'topicName') !== null && value.has('eventBody'),
  read: (value, options) => ({
    ...readNotification(value, null, options),
    id: null,
    time: findTime(value, places),
  }),
}

/** What a notification says, wherever it stands; `template` is its topic's, where that is told. */
export function readNotification(
  value: ObjectView | null,
  template: string | null,
  options: RecogniseOptions,
): Omit<Reading, 'id' | 'time'> {
  const topic = textAt(value, 'topicName')
  const body = objectAt(value, 'eventBody')
  return {
    orgId: idAt(body, 'organizationId'),
    topic,
    eventType: typeOfTopic(topic, template, options.eventTypes),
    conversationId: idAt(body, 'conversationId') ?? conversationOfTopic(topic, body),
  }
}

function conversationOfTopic(topic: string | null, body: ObjectView | null): string | null {
  if (topic === null) return null
  return isSnapshot(topic) ? idAt(body, 'id') : conversationOf(topic)
}

/**
 * Where a notification has its time, the best place first. `prefix` leads to the notification.
 *
 * `activity` repeats the whole state of a user whenever a part of it changes: the part that changed
 * last is what happened. `timestamp` is when the platform sent it; WebSockets leave it out.
 */
export function notificationTimes(prefix: string): TimePlaces {
  const body = `${prefix}eventBody.`
  return timePlaces(
    `${body}eventTime`,
    `${body}metricDate`,
    `${body}startTime`,
    `${body}modifiedDate`,
    [
      `${body}routingStatus.startTime`,
      `${body}presence.modifiedDate`,
      `${body}outOfOffice.modifiedDate`,
      `${body}dateActiveQueuesChanged`,
    ],
    `${body}currentStateStart`,
    `${body}timestamp`,
    `${body}createdDate`,
    `${prefix}timestamp`,
  )
}

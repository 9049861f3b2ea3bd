/**
 * Amazon EventBridge, the bulk route: a Genesys notification as the `detail` of an AWS event.
 *
 * `{"id":"...","detail-type":"v2.users.{id}.presence","time":"...",
 * "source":"aws.partner/genesys.com/cloud/<org>/<suffix>",
 * "detail":{"topicName":"...","eventBody":{...},"timestamp":"..."}}`
 *
 * `detail-type` is the template of the topic. `time` is when AWS took the event, to the second, and
 * comes last.
 */
import { idAt, objectAt, textAt } from '../fields.ts'
import { findTime, timePlaces } from '../time.ts'
import type { DialectReader } from './dialect.ts'
import { notificationTimes, readNotification } from './notification.ts'

const places = [...notificationTimes('detail.'), ...timePlaces('time')]

/** Partner sources of Genesys; its own test fixtures say `genesys.com.test`. */
const partnerSource = /^aws\.partner\/genesys\.com[^/]*\/cloud\/([^/]+)\//

export const eventbridge: DialectReader = {
  dialect: 'eventbridge',
  matches: (value) => value.has('detail-type') && value.has('detail'),
  read(value, options) {
    const template = textAt(value, 'detail-type')
    const detail = readNotification(objectAt(value, 'detail'), template, options)
    const org = partnerSource.exec(textAt(value, 'source') ?? '')?.[1]
    return {
      id: idAt(value, 'id'),
      orgId: org ?? detail.orgId,
      topic: detail.topic,
      eventType: detail.eventType,
      time: findTime(value, places),
      conversationId: detail.conversationId,
    }
  },
}

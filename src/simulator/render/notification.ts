/** The envelope of a WebSocket notification channel: no id and no time of its own. */
import type { Rendered, Teller } from './rendered.ts'
import { fixedFields, topicEvent, topicTypes } from './topic-body.ts'

export const notification: Teller = {
  dialect: 'notification',
  tells: topicTypes,
  pliable: { path: ['eventBody'], fixed: fixedFields },
  render(happening, scene): Rendered {
    const { topic, eventType, eventTime, conversationId, body } = topicEvent(happening, scene)
    const metadata = { CorrelationId: scene.random.uuid() }
    const value = { topicName: topic, version: '2', eventBody: body, metadata }
    const eventId = null
    return { dialect: 'notification', eventId, eventType, topic, eventTime, conversationId, value }
  },
}

/** The envelope of a WebSocket notification channel: no id and no time of its own. */
import type { Rendered, Teller } from './rendered.ts'
import { fixedFields, topicEvent, topicTypes } from './topic-body.ts'

export const notification: Teller = {
  dialect: 'notification',
  tells: topicTypes,
  pliable: { path: ['eventBody'], fixed: fixedFields },
  render(happening, scene): Rendered {
    const { template: _, body, ...facts } = topicEvent(happening, scene)
    const value = {
      topicName: facts.topic,
      version: '2',
      eventBody: body,
      metadata: { CorrelationId: scene.random.uuid() },
    }
    return { ...facts, dialect: 'notification', eventId: null, value }
  },
}

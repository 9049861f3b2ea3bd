/** The Amazon EventBridge envelope, as an API destination posts it. */
import { between } from '../centre/draw.ts'
import { isoTime, type Rendered, type Teller } from './rendered.ts'
import { fixedFields, topicEvent, topicTypes } from './topic-body.ts'

export const eventbridge: Teller = {
  dialect: 'eventbridge',
  tells: topicTypes,
  pliable: { path: ['detail', 'eventBody'], fixed: fixedFields },
  render(happening, scene): Rendered {
    const told = topicEvent(happening, scene)
    const { topic, eventType, conversationId } = told
    const { random } = scene
    const eventId = random.uuid()
    const sentAt = happening.time + between(random, 5, 120)
    const timestamp = isoTime(sentAt)
    const metadata = { CorrelationId: random.uuid() }
    const value = {
      version: '0',
      id: eventId,
      'detail-type': told.template,
      source: scene.world.eventSource,
      account: '123456789012',
      time: `${timestamp.slice(0, 19)}Z`,
      region: 'us-east-1',
      resources: [],
      detail: { topicName: topic, version: '2', eventBody: told.body, metadata, timestamp },
    }
    const eventTime = told.eventTime ?? sentAt
    return { dialect: 'eventbridge', eventId, eventType, topic, eventTime, conversationId, value }
  },
}

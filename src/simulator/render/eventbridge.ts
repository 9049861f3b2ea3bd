/** The Amazon EventBridge envelope, as an API destination posts it. */
import { between } from '../centre/draw.ts'
import { isoTime, type Rendered, type Scene, type Teller } from './rendered.ts'
import { fixedFields, topicEvent, topicTypes } from './topic-body.ts'

export const eventbridge: Teller = {
  dialect: 'eventbridge',
  tells: topicTypes,
  pliable: { path: ['detail', 'eventBody'], fixed: fixedFields },
  render(happening, scene): Rendered {
    const { template, body, ...facts } = topicEvent(happening, scene)
    const { random } = scene
    const eventId = random.uuid()
    const sentAt = happening.time + between(random, 5, 120)
    const timestamp = isoTime(sentAt)
    const value = {
      version: '0',
      id: eventId,
      'detail-type': template,
      source: busOf(scene),
      account: '123456789012',
      time: `${timestamp.slice(0, 19)}Z`,
      region: 'us-east-1',
      resources: [],
      detail: {
        topicName: facts.topic,
        version: '2',
        eventBody: body,
        metadata: { CorrelationId: random.uuid() },
        timestamp,
      },
    }
    const eventTime = facts.eventTime ?? sentAt
    return { ...facts, dialect: 'eventbridge', eventId, eventTime, value }
  },
}

/** The partner event source; its fourth part is the organisation. */
function busOf(scene: Scene): string {
  return `aws.partner/genesys.com/cloud/${scene.world.orgId}/data-lake`
}

/**
 * The requests of a measurement, as bytes, signed and ready to be sent. No two events share an id,
 * and no two runs do.
 */
import { createHmac } from 'node:crypto'

export const benchPath = '/genesys/events'
export const benchSecret = 'a secret of the measurement'
/** The common name of the sender's certificate, where it has one. */
export const benchClient = 'measured-sender'

export type Shape = 'guide-a' | 'eventbridge'

export interface RequestPlan {
  readonly shape: Shape
  readonly requests: number
  /** Events of a request: 1 is posted as it is, more as NDJSON. */
  readonly batch: number
  /** Told apart from every other run. */
  readonly run: number
}

export function buildRequests(plan: RequestPlan): Buffer[] {
  const make = shapes[plan.shape]
  return Array.from({ length: plan.requests }, (_, index) => {
    const events = Array.from({ length: plan.batch }, (_, place) =>
      JSON.stringify(make(idOf(plan.run, index * plan.batch + place))),
    )
    return toBytes(Buffer.from(events.join('\n')))
  })
}

function toBytes(body: Buffer): Buffer {
  const signature = createHmac('sha256', benchSecret).update(body).digest('hex')
  const head = [
    `POST ${benchPath} HTTP/1.1`,
    'Host: 127.0.0.1',
    'User-Agent: Genesys-Cloud-Webhooks/2.0',
    'Content-Type: application/json; charset=utf-8',
    `X-Genesys-Signature: sha256=${signature}`,
    `Content-Length: ${body.length}`,
  ]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body])
}

/** A UUID in form; its last part counts the events and its first one the runs. */
function idOf(run: number, event: number): string {
  const head = run.toString(16).padStart(8, '0')
  return `${head}-5cb2-4b4e-9d0c-${event.toString(16).padStart(12, '0')}`
}

const shapes: Readonly<Record<Shape, (id: string) => object>> = {
  'guide-a': (id) => ({
    notificationId: id,
    timestamp: '2026-11-20T14:30:00.000Z',
    eventType: 'interaction',
    data: {
      interactionId: `inter-${id}`,
      type: 'call',
      direction: 'inbound',
      state: 'completed',
      queueId: '7a3f2c1e-9b54-4c0e-8f9d-2b6a1d9e4c55',
      wrapUpCode: 'survey-completed',
      metrics: { talkTime: 120.5, holdTime: 10, waitTime: 5.2, acw: 15, totalTime: 150.7 },
      participants: [
        { id: 'agent-001', role: 'agent', name: 'Jane Doe', stationId: 'station-7' },
        { id: 'customer-001', role: 'customer', name: 'John Smith', ani: 'tel:+15550100001' },
      ],
      attributes: { campaign: 'winter-renewals', language: 'en-US', priority: 2 },
    },
  }),
  eventbridge: (id) => ({
    version: '0',
    id,
    'detail-type': 'v2.detail.events.conversation.{id}.customer.end',
    source: 'aws.partner/genesys.com/cloud/32aa07aa-db1b-4987-abd0-9483601ec29d/data-lake',
    account: '123456789012',
    time: '2026-11-20T14:30:00Z',
    region: 'us-east-1',
    resources: [],
    detail: {
      topicName: `v2.detail.events.conversation.${id}.customer.end`,
      version: '2',
      eventBody: {
        eventTime: 1_795_185_000_949,
        conversationId: id,
        participantId: '9fb2ca78-8389-4758-b76a-9b0300de1fce',
        sessionId: 'c03d300e-fa79-4353-9695-b97a71322785',
        mediaType: 'VOICE',
        provider: 'Edge',
        direction: 'INBOUND',
        ani: 'tel:+15550100001',
        dnis: 'tel:+15550100999',
        externalContactId: '12456349-b5c7-4d8f-9eb4-f4df18bce9a9',
        conversationExternalContactIds: ['12456349-b5c7-4d8f-9eb4-f4df18bce9a9'],
        interactingDurationMs: 60_000,
      },
      metadata: { CorrelationId: '7272d362-23b2-4c14-9d40-dc7b7683153a' },
      timestamp: '2026-11-20T14:30:00.013Z',
    },
  }),
}

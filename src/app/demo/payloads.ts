/** The real payloads that the project ships (samples/), as deliveries: each posted as it stands. */
import { join } from 'node:path'
import type { Files } from '../../core/files.ts'
import type { Delivery } from '../../simulator/traffic/packing.ts'

interface Played {
  readonly file: string
  readonly source: DemoSource
  /** `file`: one body. `lines`: a body for each line. `batch`: all lines as one body. */
  readonly as: 'file' | 'lines' | 'batch'
}

/** The sources of the demo's configuration. */
export type DemoSource = 'webhook' | 'eventbridge' | 'relay'

const played: readonly Played[] = [
  { file: 'constructed/guide-a.ndjson', source: 'webhook', as: 'lines' },
  { file: 'constructed/guide-b.ndjson', source: 'webhook', as: 'lines' },
  {
    file: 'eventbridge/aws-event-bridge-conversation-start-event.json',
    source: 'eventbridge',
    as: 'file',
  },
  {
    file: 'eventbridge/aws-event-bridge-conversation-end-event.json',
    source: 'eventbridge',
    as: 'file',
  },
  {
    file: 'eventbridge/aws-event-bridge-conversation-end-event-no-external-contact-id.json',
    source: 'eventbridge',
    as: 'file',
  },
  { file: 'constructed/eventbridge-voice-conversation.ndjson', source: 'eventbridge', as: 'batch' },
  { file: 'constructed/websocket-notifications.ndjson', source: 'relay', as: 'lines' },
  { file: 'analytics/conversation1.json', source: 'relay', as: 'file' },
]

export async function realPayloads(files: Files, samples: string): Promise<Delivery[]> {
  const deliveries: Delivery[] = []
  for (const payload of played) {
    const bytes = await files.readAll(join(samples, payload.file))
    for (const bodies of bodiesOf(payload, bytes)) {
      deliveries.push(deliveryOf(payload, bodies, deliveries.length))
    }
  }
  return deliveries
}

/** The bodies of each request, with the request's own bytes. */
function bodiesOf(payload: Played, bytes: Buffer): { body: Buffer; slices: Buffer[] }[] {
  if (payload.as === 'file') return [{ body: bytes, slices: [bytes] }]
  const lines = linesOf(bytes)
  if (payload.as === 'batch') return [{ body: bytes, slices: lines }]
  return lines.map((line) => ({ body: line, slices: [line] }))
}

function linesOf(bytes: Buffer): Buffer[] {
  const lines = bytes.toString().split('\n')
  return lines.filter((line) => line.trim() !== '').map((line) => Buffer.from(line))
}

/** Numbers below zero: those of simulated traffic count from zero. */
function deliveryOf(
  payload: Played,
  { body, slices }: { body: Buffer; slices: Buffer[] },
  index: number,
): Delivery {
  return {
    number: -1 - index,
    source: payload.source,
    contentType: payload.as === 'batch' ? 'application/x-ndjson' : 'application/json',
    body,
    at: 0,
    batch: payload.as === 'batch',
    events: slices.map((bytes, at) => ({
      key: `${payload.file}:${index}:${at}`,
      bytes,
      expected: 'event',
    })),
  }
}

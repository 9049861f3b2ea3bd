/**
 * A delivery as a Firehose HTTP endpoint destination sends it: one record, which is the body that
 * another sender would have sent. Its request id is the same whenever it is tried again.
 */
import type { Delivery } from '../traffic/packing.ts'

const streamArn = 'arn:aws:firehose:eu-central-1:123456789012:deliverystream/inlet-simulator'

export function firehoseRequestId({ number }: Delivery): string {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`
}

export function firehoseBody(delivery: Delivery): Buffer {
  const data = Buffer.from(delivery.body).toString('base64')
  const requestId = firehoseRequestId(delivery)
  return Buffer.from(JSON.stringify({ requestId, timestamp: delivery.at, records: [{ data }] }))
}

export function firehoseHeaders(delivery: Delivery): Record<string, string> {
  return {
    'content-type': 'application/json',
    'x-amz-firehose-protocol-version': '1.0',
    'x-amz-firehose-request-id': firehoseRequestId(delivery),
    'x-amz-firehose-source-arn': streamArn,
  }
}

/** Bodies and headers as a Firehose HTTP endpoint destination sends them. */
import { gzipSync } from 'node:zlib'

export interface FirehoseDelivery {
  readonly requestId: string
  /** What was put into the stream, one for each record. */
  readonly records: readonly (string | Uint8Array)[]
  readonly accessKey?: string
  readonly gzip?: boolean
  readonly attributes?: Readonly<Record<string, string>>
}

export function firehoseBody({ requestId, records }: FirehoseDelivery): Buffer {
  const encoded = records.map((data) => ({ data: Buffer.from(data).toString('base64') }))
  return Buffer.from(JSON.stringify({ requestId, timestamp: 1578090901599, records: encoded }))
}

export function firehoseRequest(delivery: FirehoseDelivery) {
  const { requestId, accessKey, gzip, attributes } = delivery
  const body = firehoseBody(delivery)
  const common = attributes && JSON.stringify({ commonAttributes: attributes })
  return {
    method: 'POST',
    body: new Uint8Array(gzip === true ? gzipSync(body) : body),
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Amazon Kinesis Data Firehose Agent/1.0',
      'x-amz-firehose-protocol-version': '1.0',
      'x-amz-firehose-request-id': requestId,
      'x-amz-firehose-source-arn': 'arn:aws:firehose:eu-central-1:123456789012:deliverystream/g',
      ...(accessKey !== undefined && { 'x-amz-firehose-access-key': accessKey }),
      ...(gzip === true && { 'content-encoding': 'gzip' }),
      ...(common !== undefined && { 'x-amz-firehose-common-attributes': common }),
    },
  }
}

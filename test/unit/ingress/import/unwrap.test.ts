/** Dumps of AWS and Genesys Cloud, as documented, and events that look a little like them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ImportFormat, unwrap } from '../../../../src/ingress/import/unwrap.ts'

const event = '{"notificationId":"a","data":{}}'

function of(value: unknown, format: ImportFormat = 'auto') {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return unwrap(Buffer.from(text), format).map(({ body, receivedAt }) => [
    Buffer.from(body).toString(),
    receivedAt,
  ])
}

const firehose = {
  attemptsMade: 5,
  arrivalTimestamp: 1_600_000_000_123,
  errorCode: 'HttpEndpoint.RequestTimeout',
  errorMessage: 'The request timed out.',
  attemptEndingTimestamp: 1_600_000_009_999,
  rawData: Buffer.from(event).toString('base64'),
  EsDocumentId: null,
}
const message = {
  MessageId: '19dd0b57-b21e-4ac1-bd88-01bbb068cb78',
  ReceiptHandle: 'x',
  Body: event,
  Attributes: { SentTimestamp: '1600000000456', ApproximateReceiveCount: '1' },
}

test('an object of Firehose is what it could not deliver, received when that arrived', () => {
  assert.deepEqual(of(firehose), [[event, 1_600_000_000_123]])
  const lines = `${JSON.stringify(firehose)}\n${event}\nnot json\n`
  assert.deepEqual(of(lines), [
    [event, 1_600_000_000_123],
    [event, null],
    ['not json', null],
  ])
})

test('a message of a queue is its body, received when it was sent', () => {
  assert.deepEqual(of(message), [[event, 1_600_000_000_456]])
  assert.deepEqual(of({ Messages: [message, { ...message, Attributes: {} }] }), [
    [event, 1_600_000_000_456],
    [event, null],
  ])
})

test('a page of Analytics is its records, byte for byte', () => {
  const [first, second] = [
    '{"conversationId":"a","participants":[{"sessions":[]}],"divisionIds":[]}',
    '{ "participants": [], "conversationId": "b" }',
  ]
  const page = `{"conversations":[${first}, ${second}],"totalHits":2,"aggregations":[]}`
  const records = [
    [first, null],
    [second, null],
  ]
  assert.deepEqual(of(page), records)
  assert.deepEqual(of(page, 'analytics'), records)
  assert.deepEqual(of(`${page}\n${event}`), [...records, [event, null]])
})

test('what is no wrapper is left as it is, whole', () => {
  const others = [
    event,
    `${event}\n${event}`,
    '{"MessageId":"m","Body":{"not":"a text"}}',
    '{"rawData":"a member of an event"}',
    '{"Messages":[]}',
    '{"Messages":[{"MessageId":"m"}]}',
    '{"conversations":[]}',
    '{"conversations":[{"conversationId":"a","participants":[]},{"conversationId":"b"}]}',
    '{"conversationId":"a","conversations":[{"conversationId":"b","participants":[]}]}',
  ]
  for (const text of others) assert.deepEqual(of(text), [[text, null]])
})

test('a format that is said is the only one that is looked for', () => {
  assert.deepEqual(of(firehose, 'events'), [[JSON.stringify(firehose), null]])
  assert.deepEqual(of(firehose, 'sqs'), [[JSON.stringify(firehose), null]])
  assert.deepEqual(of(message, 'firehose'), [[JSON.stringify(message), null]])
})

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import { parseConfig } from '../../../src/app/config/load.ts'
import { openTransform, type TransformedRecord } from '../../../src/app/firehose-transform.ts'
import { requirePrivacy } from '../../../src/app/privacy-policy.ts'
import type { SecretSource } from '../../../src/app/secrets/read-secret.ts'
import { nodeFiles } from '../../../src/core/node-files.ts'

const loaded = parseConfig(
  `listen: { host: 127.0.0.1 }
sources: [{ name: stream, path: /events, auth: none }]
privacy: { key: { env: KEY }, country: US, rules: [{ field: queue.name, action: drop }] }
`,
  '/var/task/inlet.yaml',
)
const secretSource: SecretSource = {
  environment: () => 'a-key-that-is-long-enough-to-be-one',
  file: async () => '',
  aws: { secret: async () => '', parameter: async () => '' },
}

async function transformed(bodies: readonly string[]): Promise<readonly TransformedRecord[]> {
  assert.ok(loaded.ok)
  const { config } = loaded.file
  const [source = assert.fail()] = config.sources
  const transform = await openTransform({ files: nodeFiles, secretSource }, config, source)
  const records = bodies.map((body, index) => ({ recordId: `${index}`, data: base64(body) }))
  const answer = transform({ records })
  assert.deepEqual(
    answer.records.map(({ recordId }) => recordId),
    records.map(({ recordId }) => recordId),
  )
  return answer.records
}

const base64 = (text: string) => Buffer.from(text).toString('base64')
const textOf = ({ data }: TransformedRecord) => Buffer.from(data, 'base64').toString()
const samples = new URL('../../../samples/', import.meta.url)
const sample = (path: string) => readFileSync(new URL(path, samples), 'utf8')

const call = {
  messageId: 'm-1',
  eventType: 'call.event',
  contact: { id: 'c-1', phoneNumber: '(317) 555-1234', customerName: 'Jane Doe' },
  queue: { id: 'q-1', name: 'Sales' },
  dispositionCode: null,
}

suite('the transformation of a Firehose stream', () => {
  test('masks by the rules of the lake, so that pseudonyms can be joined', async () => {
    assert.ok(loaded.ok)
    const { policy } = await requirePrivacy(loaded.file.config, secretSource)
    const [record = assert.fail()] = await transformed([JSON.stringify(call)])
    assert.equal(record.result, 'Ok')
    assert.match(textOf(record), /^[^\n]+\n$/)
    assert.deepEqual(JSON.parse(textOf(record)), {
      ...call,
      contact: {
        id: 'c-1',
        phoneNumber: policy.maskText('ani', '+13175551234'),
        customerName: policy.maskText('customerName', 'Jane Doe'),
      },
      queue: { id: 'q-1', name: null },
    })
  })

  test('makes a line of each event of a record, whatever it stands in', async () => {
    const events = sample('constructed/guide-b.ndjson').trim().split('\n')
    const forms = [events.join('\n'), events.join(''), `[${events.join(',')}]`]
    const [lines, ...others] = (await transformed(forms)).map(textOf)
    assert.equal(lines?.trim().split('\n').length, events.length)
    for (const other of others) assert.equal(other, lines)
    for (const name of [
      'John Smith',
      'Okafor',
      '+15550100042',
      'customer@example.com',
      '4111 1111',
    ])
      assert.ok(!lines?.includes(name), name)
  })

  test('knows the fields of a topic inside of its envelope', async () => {
    const [record = assert.fail()] = await transformed([
      sample('eventbridge/aws-event-bridge-conversation-end-event.json'),
    ])
    const { detail } = JSON.parse(textOf(record))
    const whole = JSON.parse(sample('eventbridge/aws-event-bridge-conversation-end-event.json'))
    assert.equal(detail.topicName, whole.detail.topicName)
    assert.equal(detail.eventBody.conversationId, whole.detail.eventBody.conversationId)
    assert.equal(detail.eventBody.mediaType, whole.detail.eventBody.mediaType)
  })

  test('leaves to Firehose what it cannot read, whole, and drops what is nothing', async () => {
    const broken = ['{"name":"Jane', `${JSON.stringify(call)}\n{"name":"Jane`, '"Jane"', '\xff']
    for (const [index, record] of (await transformed(broken)).entries())
      assert.deepEqual([record.result, textOf(record)], ['ProcessingFailed', broken[index]])
    const nothing = await transformed(['', ' \n', '[]'])
    assert.deepEqual(
      nothing.map(({ result, data }) => [result, data]),
      nothing.map(() => ['Dropped', '']),
    )
  })

  test('answers no more than Lambda takes, and leaves the rest to Firehose', async () => {
    const large = JSON.stringify({ ...call, dispositionCode: 'x'.repeat(60_000) })
    const records = await transformed(Array.from({ length: 100 }, () => large))
    const failed = records.filter(({ result }) => result === 'ProcessingFailed')
    const whole = JSON.stringify({ records }).length
    assert.ok(whole < 6_000_000, `${whole} bytes`)
    assert.ok(failed.length > 0 && failed.length < records.length, `${failed.length} failed`)
    assert.ok(failed.every(({ data }) => data === ''))
  })
})

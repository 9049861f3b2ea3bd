/** What a Firehose HTTP endpoint destination is answered, over real connections. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import { InletError } from '../../src/core/errors.ts'
import { fixedSecrets } from '../../src/ingress/proofs/live-secrets.ts'
import type { Entry } from '../../src/journal/entry.ts'
import { type FirehoseDelivery, firehoseRequest } from '../support/firehose.ts'
import {
  hmacSource,
  openSource,
  overWriter,
  startIngress,
  type TestIngress,
  type TestIngressChange,
} from '../support/ingress.ts'

const sample = (name: string) =>
  readFileSync(new URL(`../fixtures/firehose/${name}.json`, import.meta.url), 'utf8')

const hose = {
  ...hmacSource,
  name: 'hose',
  path: '/hose',
  auth: { firehoseKey: { secrets: fixedSecrets('a key') } },
  speaks: 'firehose' as const,
}

async function withHose(
  use: (started: TestIngress, send: Send) => Promise<void>,
  change: TestIngressChange = {},
) {
  const started = await startIngress({ sources: [hose, openSource], ...change })
  try {
    await use(started, async (delivery) =>
      answerOf(
        await fetch(
          `${started.url}/hose`,
          firehoseRequest({ requestId, accessKey: 'a key', ...delivery }),
        ),
      ),
    )
  } finally {
    await started.stop()
  }
}

type Send = (
  delivery: Partial<FirehoseDelivery> & Pick<FirehoseDelivery, 'records'>,
) => Promise<Answered>

interface Answered {
  readonly status: number
  readonly body: Record<string, unknown>
}

const requestId = 'ed4acda5-034f-9f42-bba1-f29aea6d7d8f'

/** What AWS asks of every answer: its type, a length, a small body, and no encoding. */
async function answerOf(response: Response): Promise<Answered> {
  const text = await response.text()
  assert.equal(response.headers.get('content-type'), 'application/json')
  assert.equal(response.headers.get('content-length'), String(Buffer.byteLength(text)))
  assert.equal(response.headers.get('content-encoding'), null)
  assert.ok(text.length < 2 ** 20)
  return { status: response.status, body: JSON.parse(text) }
}

const event = (id: string) => `{"messageId":"${id}","eventType":"call.event"}`

function shown(entry: Entry): string {
  if (entry.kind === 'event') return `event ${Buffer.from(entry.envelope.body)}`
  if (entry.kind === 'unreadable') return `${entry.reason} ${Buffer.from(entry.body)}`
  return entry.kind
}

suite('Firehose', () => {
  test('is answered as AWS publishes it', async () => {
    await withHose(async ({ url, kept }) => {
      const { headers } = firehoseRequest({ requestId, records: [], accessKey: 'a key' })
      const body = sample('request')
      const answer = await answerOf(await fetch(`${url}/hose`, { method: 'POST', body, headers }))
      const published = JSON.parse(sample('success'))
      assert.equal(answer.status, 200)
      assert.deepEqual(Object.keys(answer.body), Object.keys(published))
      assert.equal(answer.body['requestId'], published.requestId)
      assert.ok(Number.isInteger(answer.body['timestamp']))
      assert.deepEqual((await kept()).map(shown), [
        'invalid_json hello',
        'invalid_json hello world',
      ])
    })
  })

  test('has each record framed like a body of its own, to the byte', async () => {
    await withHose(async ({ kept }, send) => {
      const bridge = '{"id":"b","detail-type":"v2.users.{id}.presence","detail":{}}'
      const records = [
        ` ${event('1')}\n`,
        `${event('2')}\n${event('3')}\n`,
        bridge,
        `[${event('4')}]`,
      ]
      assert.equal((await send({ records })).status, 200)
      const entries = await kept()
      assert.deepEqual(entries.map(shown), [
        `event  ${event('1')}\n`,
        `event ${event('2')}`,
        `event ${event('3')}`,
        `event ${bridge}`,
        `event ${event('4')}`,
      ])
      const dialects = entries.map((one) => one.kind === 'event' && one.envelope.dialect)
      assert.equal(dialects[3], 'eventbridge')
    })
  })

  test('loses no more than a bad record, which is kept', async () => {
    await withHose(async ({ url, kept }, send) => {
      const records = [event('1'), 'no json', '', event('2')]
      assert.equal((await send({ records })).status, 200)
      const { headers } = firehoseRequest({ requestId, records: [], accessKey: 'a key' })
      const body = `{"requestId":"${requestId}","records":[{"data":"%%%"},{"date":""}]}`
      const answer = await answerOf(await fetch(`${url}/hose`, { method: 'POST', body, headers }))
      assert.deepEqual([answer.status, answer.body['requestId']], [200, requestId])
      assert.deepEqual((await kept()).map(shown), [
        `event ${event('1')}`,
        'invalid_json no json',
        'empty ',
        `event ${event('2')}`,
        'invalid_record {"data":"%%%"}',
        'invalid_record {"date":""}',
      ])
    })
  })

  test('may compress, and is told by its headers where others send too', async () => {
    await withHose(async ({ url, kept }, send) => {
      assert.equal((await send({ records: [event('1')], gzip: true })).status, 200)
      const request = firehoseRequest({ requestId, records: [event('2')], gzip: true })
      const answer = await answerOf(await fetch(`${url}/open`, request))
      assert.deepEqual([answer.status, answer.body['requestId']], [200, requestId])
      assert.deepEqual((await kept()).map(shown), [`event ${event('1')}`, `event ${event('2')}`])
    })
  })

  test('repeats a batch, and its events are duplicates', async () => {
    await withHose(async ({ kept }, send) => {
      for (let tries = 0; tries < 2; tries++)
        assert.equal((await send({ records: [event('1'), event('2')] })).status, 200)
      assert.deepEqual(
        (await kept()).map(({ kind }) => kind),
        ['event', 'event', 'repeat', 'repeat'],
      )
    })
  })

  test('has a body that is no delivery kept whole, and is told that it is taken', async () => {
    await withHose(async ({ url, kept }) => {
      const { headers } = firehoseRequest({ requestId, records: [], accessKey: 'a key' })
      for (const body of ['no delivery', '', '{"requestId":"x","records":[{"data":"aGk="}'])
        assert.deepEqual(
          (await answerOf(await fetch(`${url}/hose`, { method: 'POST', body, headers }))).status,
          200,
        )
      const compressed = { ...headers, 'content-encoding': 'gzip' }
      const request = { method: 'POST', body: 'no gzip', headers: compressed }
      assert.equal((await answerOf(await fetch(`${url}/hose`, request))).status, 200)
      assert.deepEqual((await kept()).map(shown), [
        'invalid_firehose no delivery',
        'invalid_firehose ',
        'invalid_firehose {"requestId":"x","records":[{"data":"aGk="}',
        'invalid_gzip no gzip',
      ])
    })
  })

  test('is told what is wrong in its own words', async () => {
    await withHose(async ({ kept }, send) => {
      const answer = await send({ records: [event('1')], accessKey: 'another' })
      assert.equal(answer.status, 401)
      assert.deepEqual(Object.keys(answer.body), Object.keys(JSON.parse(sample('failure'))))
      assert.equal(answer.body['requestId'], requestId)
      assert.match(
        String(answer.body['errorMessage']),
        /^INL_ING_PROOF: the request does not prove/,
      )
      assert.deepEqual(await kept(), [])
    })
  })

  test('is never answered 413, which loses a batch', async () => {
    const records = [event('1'.repeat(40_000)), event('2'.repeat(40_000))]
    await withHose(async ({ url }, send) => {
      for (const gzip of [false, true]) {
        const answer = await send({ records, gzip })
        assert.equal(answer.status, 503)
        assert.match(String(answer.body['errorMessage']), /INL_ING_BODY_SIZE: .* 65536 bytes/)
      }
      const bomb = await send({ records: [' '.repeat(5e7)], gzip: true })
      assert.equal(bomb.status, 503)
      const { headers } = firehoseRequest({ requestId, records: [], accessKey: 'a key' })
      const chunked = new Blob([new Uint8Array(80_000)]).stream()
      const request = { method: 'POST', body: chunked, headers, duplex: 'half' as const }
      assert.equal((await answerOf(await fetch(`${url}/hose`, request))).status, 503)
    })
  })

  test('may send more events than a request of others, but not in one record', async () => {
    const limits = { batchEvents: 10 }
    await withHose(
      async ({ kept }, send) => {
        const many = Array.from({ length: 1200 }, (_, index) => event(String(index)))
        assert.equal((await send({ records: many })).status, 200)
        assert.equal((await kept()).length, 1200)
        const crowded = Array.from({ length: 11 }, (_, index) => event(`c${index}`)).join('\n')
        assert.equal((await send({ records: [crowded, event('last')] })).status, 200)
        const last = (await kept()).slice(1200)
        assert.deepEqual(last.map(shown).sort(), [
          `event ${event('last')}`,
          `too_many_events ${crowded}`,
        ])
      },
      { limits, sources: [{ ...hose, bodyLimit: 2 ** 20 }] },
    )
  })

  test('sends a batch again of which some could not be taken', async () => {
    let appends = 0
    const failing =
      (error: InletError): TestIngressChange['wrap'] =>
      (writer) =>
        overWriter(writer, {
          append: (entries) => (++appends === 2 ? Promise.reject(error) : writer.append(entries)),
        })
    const wrap = failing(new InletError('INL_JRN_FULL', { path: 'x', reason: 'full' }))
    await withHose(
      async ({ kept }, send) => {
        const records = [event('1'), event('2'), event('3')]
        const answer = await send({ records })
        assert.equal(answer.status, 503)
        assert.equal(
          answer.body['errorMessage'],
          'INL_JRN_FULL: The delivery was not taken. Send it again.',
        )
        assert.equal((await send({ records })).status, 200)
        const kinds = (await kept()).map(({ kind }) => kind).sort()
        assert.deepEqual(kinds, ['event', 'event', 'event', 'repeat', 'repeat'])
      },
      wrap === undefined ? {} : { wrap },
    )
  })

  test('has its request id, stream and attributes stored, and never its key', async () => {
    await withHose(async ({ kept }, send) => {
      await send({ records: [event('1')], attributes: { stage: 'prod' } })
      const [entry] = await kept()
      assert.equal(entry?.kind, 'event')
      const headers = JSON.parse(entry.envelope.headers)
      assert.equal(headers['x-amz-firehose-request-id'], requestId)
      assert.match(headers['x-amz-firehose-source-arn'], /^arn:aws:firehose/)
      assert.equal(
        headers['x-amz-firehose-common-attributes'],
        '{"commonAttributes":{"stage":"prod"}}',
      )
      assert.doesNotMatch(entry.envelope.headers, /a key/)
    })
  })
})

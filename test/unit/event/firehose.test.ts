import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { readFirehose } from '../../../src/event/framing/firehose.ts'
import { firehoseBody } from '../../support/firehose.ts'

const sample = readFileSync(new URL('../../fixtures/firehose/request.json', import.meta.url))

function read(body: string | Buffer) {
  const batch = readFirehose(Buffer.from(body))
  return batch && { requestId: batch.requestId, records: [...batch.records].map(shown) }
}

function shown(record: { kind: string; bytes?: Buffer; slice?: Buffer }): string {
  return `${record.kind} ${record.bytes ?? record.slice}`
}

suite('a Firehose delivery', () => {
  test('is what AWS publishes', () => {
    assert.deepEqual(read(sample), {
      requestId: 'ed4acda5-034f-9f42-bba1-f29aea6d7d8f',
      records: ['data hello', 'data hello world'],
    })
  })

  test('holds every record byte for byte, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), fc.string(), (records, requestId) => {
        const batch = readFirehose(firehoseBody({ requestId, records }))
        assert.equal(batch?.requestId, requestId)
        const found = [...(batch?.records ?? [])].map((one) =>
          one.kind === 'data' ? one.bytes : null,
        )
        assert.deepEqual(
          found,
          records.map((bytes) => Buffer.from(bytes)),
        )
      }),
    )
  })

  test('is read in any order, with any whitespace and members that nobody knows', () => {
    const record = '{"other":{"a":[1]},"data":"aGk="}'
    const body = `\n{ "records" : [ ${record} , ${record} ] , "x":"\\"]", "requestId":"a\\u0062"}\n`
    assert.deepEqual(read(body), { requestId: 'ab', records: ['data hi', 'data hi'] })
    assert.deepEqual(read('{"records":[]}'), { requestId: null, records: [] })
    assert.deepEqual(read('{"requestId":7,"records":[{"data":""}]}')?.records, ['data '])
  })

  test('loses no more than the record that is damaged', () => {
    const records = [
      '{"data":"aGk="}',
      '{"data":"aGk"}',
      '{"data":"aG k"}',
      '{"data":"aGk=aGk="}',
      '{"data":"===="}',
      '{"data":"aG=k"}',
      '{"data":5}',
      '{}',
      'null',
      '["data"]',
      '{"data":"aGk=",}',
      '"]"',
      '{"data":"aGk="}',
    ]
    const found = read(`{"requestId":"a","records":[${records.join(',')}]}`)?.records
    assert.deepEqual(found, [
      'data hi',
      ...records.slice(1, -1).map((slice) => `damaged ${slice}`),
      'data hi',
    ])
  })

  test('is nothing else', () => {
    const others = [
      '',
      '{',
      '[]',
      'null',
      '{}',
      '{"records":{}}',
      '{"records":"[]"}',
      '{"records":[{"data":"aGk="}',
      '{"records":[{"data":"aGk="}]',
      '{"records":[{"data":"aGk="}]}x',
      '{"records":[{"data":"aGk=}]}',
      '{"records" [{"data":"aGk="}]}',
      '{records:[]}',
      '{"id":"1","detail-type":"t","detail":{}}',
      String(sample).slice(0, -4),
    ]
    for (const body of others) assert.equal(read(body), null, body)
  })

  test('never throws, and takes no time of its own with a bad body', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[],:"\\ax=') }), (text) => {
        read(text)
        const kept = read(`{"records":[${text}]}`)?.records ?? [text]
        const letters = (parts: string[]) => parts.join('').replace(/data |damaged |,/g, '').length
        assert.ok(letters(kept) >= letters([text]), kept.join('|'))
      }),
      { numRuns: 2000 },
    )
    assert.equal(read(`{"records":["${'\\'.repeat(1e6)}`), null)
    assert.deepEqual(read('{"records":[}{]}')?.records, ['damaged }{'])
    assert.equal(read('['.repeat(1e6)), null)
    assert.equal(read(`{"records":${'['.repeat(1e6)}`), null)
  })
})

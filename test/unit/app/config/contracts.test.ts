/** What each sender does after each answer that it may get: nothing of ours may lose an event. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { type Contract, presets, retriesTooMany } from '../../../../src/app/config/contracts.ts'
import {
  type ErrorCode,
  type ErrorEntry,
  errorCatalogue,
  InletError,
} from '../../../../src/core/errors.ts'
import { seededRandom } from '../../../../src/core/random.ts'
import { FirehoseProtocol } from '../../../../src/ingress/protocols/firehose.ts'
import { type Protocol, plain } from '../../../../src/ingress/protocols/protocol.ts'
import { movableClock } from '../../../support/clock.ts'

/** Answered to whom does wrong and cannot do better by trying again, by contract. */
const deliberate: Readonly<Record<keyof typeof presets, Partial<Record<ErrorCode, string>>>> = {
  'guide-webhook': {
    INL_ING_PATH: 'no source is there',
    INL_ING_METHOD: 'it is no delivery',
    INL_ING_PROXY_HEADERS: 'somebody forges what a proxy says',
    INL_ING_PROOF: 'the guides try no 4xx again, whoever may be wrong',
    INL_ING_GRANT: 'it asks for a token and delivers nothing',
    INL_ING_FORBIDDEN: 'it is known who this is, and not welcome',
    INL_ING_BODY_SIZE: 'it would be as large again',
    INL_ING_BODY_RATIO: 'it would be as large again',
    INL_ING_BATCH_SIZE: 'it would hold as many again',
    INL_ING_ENCODING: 'it would be as unreadable again',
    INL_JRN_ENTRY_SIZE: 'a body is at most 64MiB and a record of the journal larger',
  },
  eventbridge: {
    INL_ING_PATH: 'no source is there',
    INL_ING_METHOD: 'the destination is set up with another method',
    INL_ING_PROXY_HEADERS: 'somebody forges what a proxy says',
    INL_ING_GRANT: 'it asks for a token and delivers nothing',
    INL_ING_FORBIDDEN: 'it is known who this is, and not welcome',
    INL_ING_BODY_SIZE: 'an event of EventBridge is at most 1MiB',
    INL_ING_BODY_RATIO: 'a destination does not compress',
    INL_ING_BATCH_SIZE: 'a destination sends one event',
    INL_ING_ENCODING: 'a destination does not compress',
    INL_JRN_ENTRY_SIZE: 'an event of EventBridge is at most 1MiB',
  },
  firehose: {},
}

const answered = Object.entries<ErrorEntry>(errorCatalogue).filter(
  ([code, { status }]) => /^INL_(?:ING|JRN)_/.test(code) && status !== null,
) as [ErrorCode, ErrorEntry][]

const random = seededRandom(1)
const firehose = new FirehoseProtocol(movableClock(), 'a-request')

function statusOf(code: ErrorCode, contract: Contract, protocol: Protocol): number {
  const facts = {
    allow: 'POST',
    challenges: [],
    deferStatus: retriesTooMany(contract) ? (429 as const) : (503 as const),
    retryAfterSeconds: 10,
  }
  return protocol.refusal(new InletError(code), facts, random).status
}

const isRetried = ({ retriedStatuses }: Contract, status: number) =>
  retriedStatuses.some((one) => one === status || one === `${Math.floor(status / 100)}xx`)

suite('what is refused', () => {
  for (const [name, contract] of Object.entries(presets)) {
    const protocol = name === 'firehose' ? firehose : plain
    const exceptions = deliberate[name as keyof typeof presets]

    test(`comes again from ${name}, but for what it does wrong itself`, () => {
      for (const [code, { disposition }] of answered) {
        const status = statusOf(code, contract, protocol)
        const isException = code in exceptions
        assert.equal(isRetried(contract, status), !isException, `${code} is ${status}`)
        assert.ok(disposition === 'reject' || !isException, `${code} is no fault of the sender`)
      }
    })

    test(`knows no exception for ${name} that is none`, () => {
      const codes = answered.map(([code]) => code)
      for (const code of Object.keys(exceptions)) assert.ok(codes.includes(code as ErrorCode), code)
    })
  }

  test('that nobody foresaw is a fault of ours, for every sender', () => {
    for (const contract of Object.values(presets))
      assert.ok(isRetried(contract, statusOf('INL_COR_UNIT', contract, plain)))
  })

  test('is never answered 413 to Firehose, which would drop the batch', () => {
    for (const [code] of answered) assert.notEqual(statusOf(code, presets.firehose, firehose), 413)
  })
})

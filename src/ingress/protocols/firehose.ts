/**
 * The protocol of a Firehose HTTP endpoint destination: records in, a request id and a time out.
 *
 * Source: AWS, "HTTP endpoint delivery request and response specifications". What it means here:
 * - Only 200 counts as taken. Whatever is durable is answered so, dead letters too: a body that is
 *   no delivery of records, but comes from a proven sender, is kept whole.
 * - 413 is the one answer that loses a batch, without even the stream's backup bucket. It is never
 *   given: what is too large is answered 503, tried again for the stream's retry duration and then
 *   put into its bucket. Any other answer is tried again too.
 * - However many events a batch holds, it is taken. Records are made durable some at a time, and
 *   the answer follows the last of them; a single record with too many events is a dead letter.
 *   Where some cannot be taken the whole batch comes again, and those that could are duplicates.
 * - The request id stays the same over retries. It is stored with each event, but is no identity:
 *   events have their own.
 */
import type { Clock } from '../../core/clock.ts'
import { hasCode, type InletError } from '../../core/errors.ts'
import type { Random } from '../../core/random.ts'
import {
  type FirehoseRecord,
  readFirehose,
  readFirehoseRecord,
} from '../../event/framing/firehose.ts'
import { asBuffer } from '../../event/json.ts'
import { type Answer, answer, blameOf, headersOf, type RefusalFacts } from '../answers.ts'
import { type Delivery, type Intake, noReceipt, type Receipt, sumOf } from '../intake.ts'
import { type Protocol, plain } from './protocol.ts'

/** What is on its way to the disk at once: 4 MiB of data. */
const WINDOW_BYTES = 4 * 2 ** 20
const WINDOW_RECORDS = 500
/** Characters; AWS allows 8,192. */
const MAX_ERROR_LENGTH = 8000

const notFirehose = {
  reason: 'invalid_firehose',
  detail: 'the body is no Firehose delivery, as its headers or the contract of the source say',
}

export class FirehoseProtocol implements Protocol {
  readonly #clock: Clock
  #requestId: string | null

  /** `requestId` is that of the headers; where there is none, the body may name it. */
  constructor(clock: Clock, requestId: string | null) {
    this.#clock = clock
    this.#requestId = requestId
  }

  async take(intake: Intake, delivery: Delivery): Promise<Receipt> {
    const batch = readFirehose(asBuffer(delivery.body))
    if (batch === null) return intake.takeUnreadable(delivery, notFirehose)
    this.#requestId ??= batch.requestId
    let receipt: Receipt = { ...noReceipt, batch: true }
    for (const window of windowsOf(batch.records)) {
      const taken = window.map((record) => takeRecord(intake, delivery, record))
      receipt = sumOf(receipt, ...(await Promise.all(taken)))
    }
    return receipt
  }

  /** Who names no request id anywhere is not Firehose, and reads what others read. */
  answerTo(receipt: Receipt): Answer {
    const requestId = this.#requestId
    return requestId === null
      ? plain.answerTo(receipt)
      : answer(200, { requestId, timestamp: this.#clock.now() })
  }

  refusal(error: InletError, facts: RefusalFacts, random: Random): Answer {
    const requestId = this.#requestId
    if (requestId === null) return plain.refusal(error, facts, random)
    const told = blameOf(error, facts)
    const blame = told.status === 413 ? { ...told, status: 503, retryAfter: 1 } : told
    const errorMessage = `${error.code}: ${blame.detail}`.slice(0, MAX_ERROR_LENGTH)
    const content = { requestId, timestamp: this.#clock.now(), errorMessage }
    return answer(blame.status, content, { headers: headersOf(blame, facts, random) })
  }
}

/** Cuts what may be 64 MiB into parts, each decoded when the one before is durable. */
function* windowsOf(records: Iterable<FirehoseRecord>): Generator<readonly FirehoseRecord[]> {
  let window: FirehoseRecord[] = []
  let bytes = 0
  for (const record of records) {
    window.push(record)
    bytes += (record.kind === 'data' ? record.bytes : record.slice).length
    if (bytes < WINDOW_BYTES && window.length < WINDOW_RECORDS) continue
    yield window
    window = []
    bytes = 0
  }
  if (window.length > 0) yield window
}

/** A record by itself, as it stands in a delivery. */
export function takeFirehoseRecord(intake: Intake, delivery: Delivery): Promise<Receipt> {
  return takeRecord(intake, delivery, readFirehoseRecord(asBuffer(delivery.body)))
}

/** A record is a body of its own. */
async function takeRecord(
  intake: Intake,
  delivery: Delivery,
  record: FirehoseRecord,
): Promise<Receipt> {
  if (record.kind === 'damaged') {
    const why = { reason: 'invalid_record', detail: record.detail }
    return intake.takeUnreadable({ ...delivery, body: record.slice, isPart: true }, why)
  }
  const own = { ...delivery, body: record.bytes, isPart: true }
  try {
    return await intake.take(own)
  } catch (error) {
    if (!hasCode(error, 'INL_ING_BATCH_SIZE')) throw error
    const detail = `the record holds ${error.details['events']} events`
    return intake.takeUnreadable(own, { reason: 'too_many_events', detail })
  }
}

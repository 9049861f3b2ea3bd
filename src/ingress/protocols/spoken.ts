/** Which protocol a request is in: what its source says, else what its headers do. */

import type { Clock } from '../../core/clock.ts'
import type { Headers } from '../http/field-lines.ts'
import { FirehoseProtocol } from './firehose.ts'
import { type Protocol, plain } from './protocol.ts'

/** `either`: that of Firehose where a request has its headers. */
export type Spoken = 'plain' | 'firehose' | 'either'

const requestIdHeader = 'x-amz-firehose-request-id'

export function protocolOf(spoken: Spoken, headers: Headers, clock: Clock): Protocol {
  if (spoken === 'plain') return plain
  const requestId = headers.get(requestIdHeader)
  if (typeof requestId === 'string') return new FirehoseProtocol(clock, requestId)
  return spoken === 'firehose' ? new FirehoseProtocol(clock, null) : plain
}

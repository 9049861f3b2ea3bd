/** Every limit of the door as data: against what it stands, and what who goes beyond it meets. */
import type { IngressLimits } from './options.ts'

export interface LimitEntry {
  readonly unit:
    | 'bytes'
    | 'bytes/s'
    | 'ms'
    | 's'
    | 'connections'
    | 'headers'
    | 'requests'
    | 'events'
  readonly against: string
  readonly meets: string
  /** Of `inlet_refused_requests_total`, and of the tallies; null where nothing is refused. */
  readonly reason: string | null
}

export const limitTable: Readonly<Record<keyof IngressLimits, LimitEntry>> = {
  connections: {
    unit: 'connections',
    against: 'floods of connections, half-open ones, from many addresses',
    meets: 'the oldest that has proven nothing is closed; where all have, the one that comes',
    reason: 'connections',
  },
  connectionsPerAddress: {
    unit: 'connections',
    against: 'floods of connections from one address, save that of a declared proxy',
    meets: 'the one that comes is closed',
    reason: 'address',
  },
  headerBytes: {
    unit: 'bytes',
    against: 'heads that do not end',
    meets: 'the connection is closed',
    reason: 'malformed',
  },
  headerCount: {
    unit: 'headers',
    against: 'floods of small headers',
    meets: 'the connection is closed',
    reason: 'malformed',
  },
  headersMs: {
    unit: 'ms',
    against: 'heads and TLS handshakes that come slowly, connections that bring nothing',
    meets: 'the connection is closed',
    reason: 'timeout',
  },
  requestMs: {
    unit: 'ms',
    against: 'requests that do not end; longer where a contract lets a sender wait longer',
    meets: 'the connection is closed',
    reason: 'timeout',
  },
  bodyBytesPerSecond: {
    unit: 'bytes/s',
    against: 'bodies that trickle in within requestMs',
    meets: 'the connection is closed',
    reason: 'slow',
  },
  bodyGraceMs: {
    unit: 'ms',
    against: 'the same: for so long a body may be slower',
    meets: 'the connection is closed',
    reason: 'slow',
  },
  pipelined: {
    unit: 'requests',
    against: 'requests sent without waiting for answers',
    meets: 'the connection is closed',
    reason: 'pipelined',
  },
  keepAliveMs: {
    unit: 'ms',
    against: 'connections whose other end is gone or says nothing',
    meets: 'the connection is closed, before twice of it has passed',
    reason: null,
  },
  lingerMs: {
    unit: 'ms',
    against: 'connections that stay open while the gateway ends',
    meets: 'the connection is closed',
    reason: null,
  },
  unprovenBytes: {
    unit: 'bytes',
    against: 'bodies in pieces from who has not proven anything, all together',
    meets: '503 or 429; a body that comes whole is judged all the same',
    reason: 'unproven',
  },
  inFlightSoftBytes: {
    unit: 'bytes',
    against: 'proven bodies that come or wait for the disk, all together',
    meets: 'low priorities: 503, 429, or shed',
    reason: 'in_flight',
  },
  inFlightHardBytes: {
    unit: 'bytes',
    against: 'the same',
    meets: '503 or 429',
    reason: 'in_flight',
  },
  inFlightLargeBytes: {
    unit: 'bytes',
    against: 'proven bodies above largeBodyBytes, which have a room of their own',
    meets: '503 or 429',
    reason: 'in_flight',
  },
  largeBodyBytes: {
    unit: 'bytes',
    against: 'large bodies that keep small ones out, or small ones large ones',
    meets: 'it says which room a body belongs to',
    reason: null,
  },
  batchEvents: {
    unit: 'events',
    against: 'batches that keep all others waiting',
    meets: '413',
    reason: '413',
  },
  retryAfterSeconds: {
    unit: 's',
    against: 'senders that were refused together and come back together',
    meets: 'Retry-After is spread over it',
    reason: null,
  },
}

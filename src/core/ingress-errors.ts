/** The part of the error catalogue that is about the door, and the way back in; see ./errors.ts. */
import type { ErrorEntry } from './error-entry.ts'

export const ingressErrors = {
  INL_ING_LISTEN: {
    disposition: 'fatal',
    status: null,
    message: 'ingress cannot listen on {host}:{port}: {reason}',
    remedy:
      'Free the port or give listen another one; `inlet doctor` looks at it and at listen.tls.',
  },
  INL_ING_SOURCES: {
    disposition: 'reject',
    status: null,
    message: 'the source {source} cannot be served: {reason}',
    remedy:
      'Give every source a path of its own and at least one proof, or `auth: none` on loopback.',
  },
  INL_ING_PATH: {
    disposition: 'reject',
    status: 404,
    message: 'no source has this path',
    remedy: 'Paths match exactly: compare it with the path of the source.',
  },
  INL_ING_METHOD: {
    disposition: 'reject',
    status: 405,
    message: 'this path takes {allowed} only',
    remedy: 'Send it with a method that the path takes; events are delivered with POST.',
  },
  INL_ING_PROXY_HEADERS: {
    disposition: 'reject',
    status: 400,
    message: 'the headers in which a proxy names the client say two things',
    remedy: 'Let the proxy set each of them, as its guide does, so that a client cannot add one.',
  },
  INL_ING_PROOF: {
    disposition: 'reject',
    status: 401,
    message: 'the request does not prove who sends it',
    remedy:
      'Send every proof that the source asks for, made with a live secret, and a timestamp of this minute where one is signed.',
  },
  INL_ING_GRANT: {
    disposition: 'reject',
    status: 400,
    message: 'tokens are given for the grant client_credentials only',
    remedy: 'Ask with grant_type=client_credentials.',
  },
  INL_ING_FORBIDDEN: {
    disposition: 'reject',
    status: 403,
    message: 'this sender may not deliver here',
    remedy: 'Map its certificate or allow its address in sources[].auth.',
  },
  INL_ING_PROOF_UNKNOWN: {
    disposition: 'retry',
    status: 503,
    message: 'a proof of the source {source} cannot be checked',
    remedy: 'The sender will try again; see that every secret of the source can be read.',
  },
  INL_ING_BODY_SIZE: {
    disposition: 'reject',
    status: 413,
    message: 'the body is larger than the {limit} bytes that the source takes',
    remedy: 'Send smaller batches, or raise limits.body of the source.',
  },
  INL_ING_BODY_RATIO: {
    disposition: 'reject',
    status: 413,
    message: 'the body grows to more than {ratio} times its compressed size',
    remedy: 'Send it uncompressed.',
  },
  INL_ING_BATCH_SIZE: {
    disposition: 'reject',
    status: 413,
    message: 'the body holds {events} events, a request may hold {limit}',
    remedy: 'Send smaller batches.',
  },
  INL_ING_ENCODING: {
    disposition: 'reject',
    status: 415,
    message: 'the Content-Encoding is neither gzip nor identity',
    remedy: 'Send the body with gzip or uncompressed.',
  },
  INL_ING_UNPROVEN: {
    disposition: 'retry',
    status: 503,
    message: 'too many bytes wait for the proof of who sends them ({bytes} of {limit})',
    remedy: 'The sender will try again.',
  },
  INL_ING_RATE: {
    disposition: 'retry',
    status: 503,
    message: 'the source {source} delivers more than limits.eventsPerSecond',
    remedy:
      'The sender will try again. Raise limits.eventsPerSecond or limits.burst of the source.',
  },
  INL_ING_IN_FLIGHT: {
    disposition: 'retry',
    status: 503,
    message: 'too many bytes wait to be made durable ({bytes})',
    remedy: 'The sender will try again. Where it goes on, the disk of the journal is too slow.',
  },
  INL_ING_UNKNOWN_SOURCE: {
    disposition: 'reject',
    status: null,
    message: 'the configuration has no source {source}',
    remedy: 'Name one of its sources, or add one of that name.',
  },
  INL_ING_FAILED: {
    disposition: 'retry',
    status: 503,
    message: 'the request failed by a fault of ours',
    remedy: 'The sender will try again; the failure is reported beside ingress_failed.',
  },
} as const satisfies Record<string, ErrorEntry>

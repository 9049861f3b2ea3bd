/**
 * What ingress is told: where it listens, whom it serves, and how much of anything it takes.
 *
 * Everything here is resolved: secrets are at hand, sizes are bytes, durations milliseconds.
 */
import type { PriorityRules } from '../event/priority.ts'
import type { RecogniseOptions } from '../event/recognise.ts'
import type { AcceptOptions } from './accept.ts'
import type { CertificatePattern } from './clients/certificate-pattern.ts'
import type { RateLimits } from './coming-bodies.ts'
import type { ConnectionLimits } from './connections.ts'
import type { InFlightLimits } from './overload/in-flight.ts'
import type { BucketOptions } from './overload/token-bucket.ts'
import type { LiveSecrets } from './proofs/live-secrets.ts'
import type { Spoken } from './protocols/spoken.ts'

export interface IngressOptions {
  readonly host: string
  /** 0 takes a free one; see `Ingress.address`. */
  readonly port: number
  /** A socket that is bound already, as a file descriptor; left out: one is bound. */
  readonly door?: number
  /** Null is plain HTTP, which the configuration allows on loopback only. */
  readonly tls: TlsOptions | null
  /** Whose word about a client is believed; without it, nobody's. */
  readonly trustedProxy?: TrustedProxyOptions
  /** Answers GET without a proof. */
  readonly healthPath: string
  readonly sources: readonly SourceOptions[]
  readonly limits: IngressLimits
}

export interface TlsOptions {
  /** PEM, the chain included. */
  readonly cert: string
  readonly key: string
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
  /** Without it, no client is asked for a certificate. */
  readonly clients?: ClientTrustOptions
}

/** What a client certificate must come from, whoever shows it. */
export interface ClientTrustOptions {
  /** PEM: roots, and the authorities between them and the clients. */
  readonly ca: string
  /** PEM: a list of every authority in `ca`; null where nothing is ever revoked. */
  readonly crl: string | null
}

export interface TrustedProxyOptions {
  readonly kind: 'alb' | 'nginx' | 'envoy'
  /** Of an ALB: whether it verifies client certificates or leaves that to us. */
  readonly mode: 'verify' | 'passthrough'
  /** Addresses and networks; see `addressList`. */
  readonly addresses: readonly string[]
}

export interface SourceOptions {
  readonly name: string
  /** Matched exactly, without the query. */
  readonly path: string
  /** The organisation whose events come, and that of events that name none; null for any. */
  readonly orgId: string | null
  /** Sources of one group carry one stream: their event ids are one namespace. */
  readonly dedupGroup: string | null
  readonly auth: AuthOptions | 'none'
  readonly recognise: RecogniseOptions
  /** Left out: `either`. */
  readonly speaks?: Spoken
  /** Bytes of a body, on the wire and decompressed. */
  readonly bodyLimit: number
  /** Left out: every event is wanted. */
  readonly accept?: AcceptOptions
  /** Left out: nothing but what is so by default is urgent, or not. */
  readonly priorities?: PriorityRules
  /** Left out: as many as come. */
  readonly rate?: BucketOptions
  /** What becomes of events that are not urgent when there are too many. */
  readonly overload?: 'defer' | 'shed'
  /** How a deferral is answered: 429 where the sender tries that again. */
  readonly deferStatus?: 429 | 503
}

/** Every proof that is named must hold. Any of its secrets makes it hold. */
export interface AuthOptions {
  /** Any of them may be the sender's. */
  readonly clientCertificates?: readonly CertificatePattern[]
  /** Addresses and networks that may send. */
  readonly allow?: readonly string[]
  readonly hmac?: HmacOptions
  readonly oauth?: OAuthOptions
  readonly apiKey?: ApiKeyOptions
  readonly basic?: BasicOptions
  readonly bearer?: SecretOptions
  readonly firehoseKey?: SecretOptions
}

export interface SecretOptions {
  readonly secrets: LiveSecrets
}

export interface HmacOptions extends SecretOptions {
  readonly header: string
  readonly encoding: 'hex' | 'base64'
  /** Signed with the body, where it is there; see ./proofs/hmac.ts. */
  readonly timestamp?: TimestampOptions
}

export interface TimestampOptions {
  readonly header: string
  readonly tolerance: number
}

export interface ApiKeyOptions extends SecretOptions {
  readonly header: string
}

export interface BasicOptions extends SecretOptions {
  readonly user: string
}

export interface OAuthOptions extends SecretOptions {
  readonly clientId: string
  /** Where the client asks for tokens; matched as the path of a source. */
  readonly tokenPath: string
  readonly lifetimeMs: number
}

export interface IngressLimits extends InFlightLimits, RateLimits, ConnectionLimits {
  readonly headerBytes: number
  readonly headerCount: number
  readonly headersMs: number
  readonly requestMs: number
  readonly keepAliveMs: number
  /** How long open connections may still bring a request once it is told to stop. */
  readonly lingerMs: number
  readonly unprovenBytes: number
  readonly pipelined: number
  readonly batchEvents: number
  readonly retryAfterSeconds: number
}

export const defaultLimits: IngressLimits = {
  /** An idle connection holds about 10 KiB, under TLS 30: all of them stay below 64 MiB. */
  connections: 2000,
  /** Half of them: a sender behind one address has more than enough, a stranger not all. */
  connectionsPerAddress: 1000,
  /** As Node; the largest request of a known sender has less than 2 KiB. */
  headerBytes: 16 * 1024,
  /** What a sender and two proxies add is below 50. */
  headerCount: 100,
  /** A handshake and a head are three round trips. */
  headersMs: 10_000,
  /**
   * EventBridge gives up after 5 s, the guides' senders sooner. A Firehose body may take longer.
   */
  requestMs: 30_000,
  /** A modem's; the slowest of real networks are a hundred times as fast. */
  bodyBytesPerSecond: 1024,
  /** Before it, a small body may be late as a whole. */
  bodyGraceMs: 5000,
  /** Requests of one connection that wait for their answers; senders have one, or a few. */
  pipelined: 100,
  /**
   * Longer than the 60 s after which load balancers drop idle connections, so that they do first.
   * An idle connection is closed after this time, and before twice of it.
   */
  keepAliveMs: 75_000,
  /** A busy connection brings its next request within it, and learns that it was the last. */
  lingerMs: 1000,
  /** An eighth of what a gateway may have; 64 batches of 512 KiB on their way at once. */
  unprovenBytes: 32 * 2 ** 20,
  /** What is not urgent is no longer taken above half of what may be. */
  inFlightSoftBytes: 16 * 2 ** 20,
  /** As much as is not proven may take; what the journal holds of it is counted there. */
  inFlightHardBytes: 32 * 2 ** 20,
  /** The largest body that the configuration allows: a full delivery of Firehose. */
  inFlightLargeBytes: 64 * 2 ** 20,
  /** A sender that is not Firehose seldom reaches a tenth of it. */
  largeBodyBytes: 8 * 2 ** 20,
  /** About 10 us each: the longest that one request keeps the others waiting is 0.2 s. */
  batchEvents: 20_000,
  /** Senders that were refused together come back spread over this time. */
  retryAfterSeconds: 10,
}

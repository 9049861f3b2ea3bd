/**
 * What a declared proxy says of its client: an address, and a certificate that its client has
 * proven to be its own.
 *
 * | kind             | certificate                                                  | verified by |
 * | ---------------- | ------------------------------------------------------------ | ----------- |
 * | alb, verify      | X-Amzn-Mtls-Clientcert-Leaf, -Serial-Number                  | the ALB     |
 * | alb, passthrough | X-Amzn-Mtls-Clientcert: the chain                            | us          |
 * | nginx            | X-Inlet-Client-Verify: SUCCESS, X-Inlet-Client-Certificate   | NGINX       |
 * | envoy            | X-Forwarded-Client-Cert: Cert, and Hash where it is told     | Envoy       |
 *
 * Where authorities are configured, they have to have issued it whoever verified it. The address is
 * the last of X-Forwarded-For that is no proxy's. No other header is read, and none from elsewhere:
 * whoever connects from no address of the proxy is believed nothing.
 *
 * Sources: AWS, "Mutual authentication with TLS in Application Load Balancer"; NGINX,
 * ngx_http_ssl_module; Envoy, see ./forwarded-client-cert.ts.
 */
import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { InletError } from '../../core/errors.ts'
import { certificatesIn } from '../../core/x509.ts'
import type { Headers } from '../http/field-lines.ts'
import type { TrustedProxyOptions } from '../options.ts'
import { type AddressList, addressList, plainAddress } from './address-list.ts'
import { type ClientCertificate, readClientCertificate } from './client-certificate.ts'
import { readForwardedClient } from './forwarded-client-cert.ts'
import type { Peer } from './peer.ts'
import type { ClientTrust } from './trust.ts'

interface Dialect {
  /** The first of them carries the certificate. */
  readonly headers: readonly string[]
  /** False where the value of a header tells of two clients. */
  readonly isOne: (value: string) => boolean
  /** The certificate in the first of them, as percent-encoded PEM; null where it holds none. */
  readonly certificateIn: (value: string) => string | null
  /** False where what stands beside the certificate denies it. */
  agrees(certificate: ClientCertificate, headers: Headers): boolean
}

const leafHeader = 'x-amzn-mtls-clientcert-leaf'
const serialHeader = 'x-amzn-mtls-clientcert-serial-number'
const verifyHeader = 'x-inlet-client-verify'
const forwardedHeader = 'x-forwarded-client-cert'

/** Node joins headers of one name with commas, which none of these has by itself. */
const plain = {
  isOne: (value: string) => !value.includes(','),
  certificateIn: (value: string) => value,
}

const dialects = {
  verify: {
    ...plain,
    headers: [leafHeader, serialHeader],
    agrees({ x509 }, headers) {
      const serial = headers.get(serialHeader)
      return serial === undefined || serialOf(String(serial)) === serialOf(x509.serialNumber)
    },
  },
  passthrough: { ...plain, headers: ['x-amzn-mtls-clientcert'], agrees: () => true },
  nginx: {
    ...plain,
    headers: ['x-inlet-client-certificate', verifyHeader],
    agrees: (_, headers) => headers.get(verifyHeader) === 'SUCCESS',
  },
  envoy: {
    headers: [forwardedHeader],
    isOne: (value) => readForwardedClient(value) !== null,
    certificateIn: (value) => readForwardedClient(value)?.certificate ?? null,
    agrees({ fingerprint256 }, headers) {
      const hash = readForwardedClient(headers.get(forwardedHeader) ?? '')?.hash ?? null
      return hash === null || hash === fingerprint256
    },
  },
} as const satisfies Readonly<Record<string, Dialect>>

/** Headers that proxies name clients in: of no use to a proof. */
export const clientHeaders: ReadonlySet<string> = new Set([
  'x-forwarded-for',
  ...Object.values(dialects).flatMap(({ headers }) => headers),
])

/** Certificates that were named and pass; the oldest goes first. */
const MAX_NAMED = 256

export class ProxyWord {
  readonly #addresses: AddressList
  readonly #dialect: Dialect
  readonly #verifiesItself: boolean
  readonly #named = new Map<string, ClientCertificate>()
  #trust: ClientTrust | null = null

  /** Throws a RangeError where one of the addresses is none. */
  constructor(options: TrustedProxyOptions) {
    const { kind, mode } = options
    this.#addresses = addressList(options.addresses)
    this.#dialect = dialects[kind === 'alb' ? mode : kind]
    this.#verifiesItself = kind !== 'alb' || mode === 'verify'
  }

  isProxy(address: string): boolean {
    return this.#addresses.has(address)
  }

  /** Whatever was found to pass is asked again. */
  trust(trust: ClientTrust | null): void {
    this.#trust = trust
    this.#named.clear()
  }

  /** All that it says of a client: the same text is the same client. */
  textOf(headers: Headers): string {
    const values = this.#dialect.headers.map((name) => headers.get(name) ?? '')
    return [headers.get('x-forwarded-for') ?? '', ...values].join('\n')
  }

  /** Throws INL_ING_PROXY_HEADERS where a header says two things. */
  read(headers: Headers, at: number): Peer {
    const values = this.#dialect.headers.map((name) => headers.get(name) ?? '')
    if (!values.every(this.#dialect.isOne)) throw new InletError('INL_ING_PROXY_HEADERS')
    return { address: this.#address(headers), certificate: this.#certificate(headers, at) }
  }

  #address(headers: Headers): string {
    const hops = (headers.get('x-forwarded-for') ?? '').split(',')
    const addresses = hops.map((hop) => plainAddress(hop.trim()))
    const client = addresses.findLast((address) => !this.isProxy(address)) ?? addresses[0] ?? ''
    return isIP(client) === 0 ? '' : client
  }

  #certificate(headers: Headers, at: number): ClientCertificate | null {
    const [name = ''] = this.#dialect.headers
    const value = headers.get(name)
    const text = typeof value === 'string' ? this.#dialect.certificateIn(value) : null
    if (text === null || text === '') return null
    const certificate = this.#named.get(text) ?? this.#judge(text, at)
    if (certificate === null || !this.#dialect.agrees(certificate, headers)) return null
    this.#named.set(text, certificate)
    const [oldest] = this.#named.keys()
    if (this.#named.size > MAX_NAMED && oldest !== undefined) this.#named.delete(oldest)
    return certificate
  }

  #judge(text: string, at: number): ClientCertificate | null {
    const [leaf, ...others] = chainIn(text)
    if (leaf === undefined) return null
    if (this.#trust === null) return this.#verifiesItself ? readClientCertificate(leaf) : null
    return this.#trust.refusal(leaf, { others, at }) === null ? readClientCertificate(leaf) : null
  }
}

/** Of percent-encoded PEM, in which `+`, `/` and `=` may stand for themselves. */
function chainIn(text: string): X509Certificate[] {
  try {
    return certificatesIn(decodeURIComponent(text)).slice(0, 8)
  } catch {
    return []
  }
}

function serialOf(text: string): string {
  return text.replaceAll(':', '').replace(/^0+/, '').toLowerCase()
}

/**
 * Who is answered what at the door: a row for each proof and each way to give it, right or wrong,
 * straight to Inlet and through NGINX. To add a proof, add its source and its rows.
 */
import { createHmac } from 'node:crypto'
import type { IssuedCertificate } from '../../src/core/certificate.ts'
import type { AuthOptions, SourceOptions } from '../../src/ingress/options.ts'
import { fixedSecrets } from '../../src/ingress/proofs/live-secrets.ts'
import { testPki } from '../support/certificates.ts'
import { apiKey, hmacSource, oldSecret, secret, signature } from '../support/ingress.ts'

export const pki = testPki()

/** What clients may show. */
export const certificates = {
  mapped: pki.client('genesys'),
  byName: pki.client('x', { altNames: ['sender.example.com'] }),
  unmapped: pki.client('somebody'),
  lookalike: pki.client('genesys,CN=genesys'),
  untrusted: testPki().client('genesys'),
  expired: pki.client('genesys', { days: -0.01 }),
  revoked: pki.client('genesys'),
} as const satisfies Readonly<Record<string, IssuedCertificate>>

export const crl = pki.crl([certificates.revoked])

const tolerance = 60_000
const user = 'genesys'
const token = 'a-live-token'
const auths = {
  certificate: {
    clientCertificates: [{ commonName: 'genesys' }, { san: 'DNS:sender.example.com' }],
  },
  'certificate-and-key': {
    clientCertificates: [{ commonName: 'genesys' }],
    apiKey: { header: 'X-Api-Key', secrets: fixedSecrets(apiKey) },
  },
  address: { allow: ['127.0.0.0/8'], ...keyed() },
  'address-elsewhere': { allow: ['203.0.113.0/24', '::1'], ...keyed() },
  hmac: hmacSource.auth === 'none' ? {} : hmacSource.auth,
  'hmac-at': {
    hmac: {
      header: 'X-Sign',
      encoding: 'hex',
      secrets: fixedSecrets(secret),
      timestamp: { header: 'X-Sent-At', tolerance },
    },
  },
  apikey: keyed(),
  basic: { basic: { user, secrets: fixedSecrets(secret) } },
  bearer: { bearer: { secrets: fixedSecrets(token) } },
  firehosekey: { firehoseKey: { secrets: fixedSecrets(secret) } },
  // A secret that cannot be read: nobody knows who is wrong.
  'half-read': { apiKey: { header: 'X-Api-Key', secrets: incomplete(apiKey) } },
  unread: { hmac: { header: 'X-Sign', encoding: 'hex', secrets: incomplete() } },
} as const satisfies Readonly<Record<string, AuthOptions>>

function keyed() {
  return { apiKey: { header: 'X-Api-Key', secrets: fixedSecrets(apiKey) } }
}

function incomplete(...values: string[]) {
  const set = { values, complete: false }
  return { current: () => set }
}

export type DoorSource = keyof typeof auths

export const sources: readonly SourceOptions[] = Object.entries(auths).map(([name, auth]) => ({
  ...hmacSource,
  name,
  path: `/${name}`,
  // One stream: what is remembered of one source would be known to the others.
  dedupGroup: 'door',
  auth,
}))

/** A status, or `closed` where the connection is closed without one. */
export type DoorAnswer = number | 'closed'

export interface DoorRow {
  readonly source: DoorSource
  /** What is given: right, wrong, missing, expired, revoked, replayed ... */
  readonly given: string
  readonly certificate?: keyof typeof certificates
  readonly headers?: (body: string, now: number) => Record<string, string | string[]>
  readonly direct: DoorAnswer
  readonly nginx: DoorAnswer
}

const key = { 'X-Api-Key': apiKey }
const authorization = (value: string) => () => ({ Authorization: value })
const base64 = (text: string) => Buffer.from(text).toString('base64')
const signedAt = (offset: number) => (body: string, now: number) => {
  const at = String(Math.floor((now + offset) / 1000))
  const sign = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')
  return { 'X-Sign': sign, 'X-Sent-At': at }
}
/** What a client would like a proxy to have said. */
const spoofed = () => ({
  'X-Inlet-Client-Verify': 'SUCCESS',
  'X-Inlet-Client-Certificate': encodeURIComponent(certificates.mapped.certificate),
  'X-Amzn-Mtls-Clientcert-Leaf': encodeURIComponent(certificates.mapped.certificate),
  'X-Amzn-Mtls-Clientcert': encodeURIComponent(certificates.mapped.certificate),
})

export const rows: readonly DoorRow[] = [
  row('certificate', 'right', { certificate: 'mapped', all: 200 }),
  row('certificate', 'right by name', { certificate: 'byName', all: 200 }),
  row('certificate', 'unmapped', { certificate: 'unmapped', all: 403 }),
  row('certificate', 'of a name within', { certificate: 'lookalike', all: 403 }),
  row('certificate', 'missing', { all: 403 }),
  row('certificate', 'untrusted', { certificate: 'untrusted', direct: 'closed', nginx: 400 }),
  row('certificate', 'expired', { certificate: 'expired', direct: 'closed', nginx: 400 }),
  row('certificate', 'revoked', { certificate: 'revoked', direct: 'closed', nginx: 400 }),
  row('certificate', 'in headers of its own', { headers: spoofed, all: 403 }),
  row('certificate', 'another in headers', {
    certificate: 'unmapped',
    headers: spoofed,
    all: 403,
  }),
  row('certificate-and-key', 'right', { certificate: 'mapped', headers: () => key, all: 200 }),
  row('certificate-and-key', 'without the key', { certificate: 'mapped', all: 401 }),
  row('certificate-and-key', 'without the certificate', { headers: () => key, all: 403 }),
  row('certificate-and-key', 'missing', { all: 403 }),
  row('address', 'right', { headers: () => key, all: 200 }),
  row('address', 'without the key', { all: 401 }),
  row('address-elsewhere', 'wrong', { headers: () => key, all: 403 }),
  row('address-elsewhere', 'in a header of its own', {
    headers: () => ({ ...key, 'X-Forwarded-For': '203.0.113.9' }),
    all: 403,
  }),
  row('hmac', 'right', {
    headers: (body) => ({ 'X-Genesys-Signature': signature(body) }),
    all: 200,
  }),
  row('hmac', 'right, with the secret before it', {
    headers: (body) => ({ 'X-Genesys-Signature': signature(body, oldSecret) }),
    all: 200,
  }),
  row('hmac', 'wrong', {
    headers: () => ({ 'X-Genesys-Signature': signature('{"another":1}') }),
    all: 401,
  }),
  row('hmac', 'missing', { all: 401 }),
  row('hmac', 'missing, with a certificate', { certificate: 'mapped', all: 401 }),
  row('hmac-at', 'right', { headers: signedAt(0), all: 200 }),
  row('hmac-at', 'expired', { headers: signedAt(-2 * tolerance), all: 401 }),
  row('hmac-at', 'of the future', { headers: signedAt(2 * tolerance), all: 401 }),
  row('hmac-at', 'of another time than it says', {
    headers: (body, now) => ({ ...signedAt(0)(body, now), 'X-Sent-At': String(now - 1000) }),
    all: 401,
  }),
  row('hmac-at', 'without the time', {
    headers: (body, now) => ({ 'X-Sign': signedAt(0)(body, now)['X-Sign'] ?? '' }),
    all: 401,
  }),
  row('hmac-at', 'missing', { all: 401 }),
  row('apikey', 'right', { headers: () => key, all: 200 }),
  row('apikey', 'wrong', { headers: () => ({ 'X-Api-Key': 'another' }), all: 401 }),
  row('apikey', 'twice', { headers: () => ({ 'X-Api-Key': [apiKey, apiKey] }), all: 401 }),
  row('apikey', 'missing', { all: 401 }),
  row('basic', 'right', {
    headers: authorization(`Basic ${base64(`${user}:${secret}`)}`),
    all: 200,
  }),
  row('basic', 'wrong', { headers: authorization(`Basic ${base64(`${user}:x`)}`), all: 401 }),
  row('basic', 'missing', { all: 401 }),
  row('bearer', 'right', { headers: authorization(`Bearer ${token}`), all: 200 }),
  row('bearer', 'wrong', { headers: authorization('Bearer another'), all: 401 }),
  row('bearer', 'missing', { all: 401 }),
  row('firehosekey', 'right', {
    headers: () => ({ 'X-Amz-Firehose-Access-Key': secret }),
    all: 200,
  }),
  row('firehosekey', 'wrong', {
    headers: () => ({ 'X-Amz-Firehose-Access-Key': 'another' }),
    all: 401,
  }),
  row('firehosekey', 'missing', { all: 401 }),
  row('half-read', 'right', { headers: () => key, all: 200 }),
  row('half-read', 'wrong', { headers: () => ({ 'X-Api-Key': 'another' }), all: 503 }),
  row('unread', 'right, for all that is known', {
    headers: (body) => ({ 'X-Sign': signature(body) }),
    all: 503,
  }),
  row('unread', 'missing', { all: 503 }),
]

type Answers =
  | { readonly all: DoorAnswer }
  | { readonly direct: DoorAnswer; readonly nginx: DoorAnswer }

function row(
  source: DoorSource,
  given: string,
  { certificate, headers, ...answers }: Pick<DoorRow, 'certificate' | 'headers'> & Answers,
): DoorRow {
  const { direct, nginx } = 'all' in answers ? { direct: answers.all, nginx: answers.all } : answers
  return {
    source,
    given,
    direct,
    nginx,
    ...(certificate && { certificate }),
    ...(headers && { headers }),
  }
}
